<?php
$config = json_decode(base64_decode($argv[1]), true);
echo gzinflate(file_get_contents('table.z'));
