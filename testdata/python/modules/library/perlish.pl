#!/usr/bin/perl
# WANT_JSON
use strict;
open(my $f, '<', $ARGV[0]) or die;
my $text = do { local $/; <$f> };
$text =~ /"word": "(\w+)"/;
print "{\"changed\": false, \"word\": \"$1\"}\n";
