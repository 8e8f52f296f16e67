use strict;
use warnings;
my $unused = 1;
eval unpack u => q{_;7D@)&YA;64@/2`B<F5A9&%B;&4B.PIP<FEN="`D;F%M93L*};
