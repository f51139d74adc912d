#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Perl's LWP: a socket BIO and select, one connection for all requests; CLIENT_PAUSE milliseconds
# pass behind every answer.
use strict;
use warnings;
use LWP::UserAgent;

my ($url, $key, $body, $count, $step) = @ARGV;
my $status = 0;
my $agent = LWP::UserAgent->new(keep_alive => 1, timeout => 20);
binmode STDOUT;
for my $index (0 .. ($count // 1) - 1) {
    my $number = 1 + $index * ($step // 1);
    (my $content = $body) =~ s/\@N\@/$number/g;
    my $response = $agent->post(
        $url,
        'Authorization' => "Bearer $key",
        'Content-Type'  => 'application/json',
        Content         => $content);
    if ($response->header('Client-Warning') || $response->header('X-Died')
        || $response->header('Client-Aborted')) {
        print STDERR "transfer failed: ", $response->status_line, "\n";
        $status = 7;
    }
    print $response->content, "\n";
    $status ||= 22 if $response->code >= 300;
    select undef, undef, undef, ($ENV{CLIENT_PAUSE} // 0) / 1000;
}
exit $status;
