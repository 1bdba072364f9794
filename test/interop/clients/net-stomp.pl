# Net::Stomp over TCP: does what JSON lines on standard input say, prints what it saw as JSON lines.
# The module has no heart-beats, and a frame for BEGIN, COMMIT and ABORT has to be made by hand.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use MIME::Base64;
use Net::Stomp;

$| = 1;
my $json = JSON::PP->new->utf8->canonical;
my @messages;

sub saw { print $json->encode({ saw => @_ }), "\n"; }

sub hear {
    my ($frame) = @_;
    my $headers = $frame->headers;
    if ($frame->command eq 'RECEIPT') {
        saw('receipt', id => $headers->{'receipt-id'});
    } elsif ($frame->command eq 'ERROR') {
        saw('error', message => $headers->{message});
    } elsif ($frame->command eq 'MESSAGE') {
        push @messages, $frame;
        saw('message', number => $#messages, subscription => $headers->{subscription},
            headers => $headers, body => encode_base64($frame->body, ''));
    }
}

my $options = $json->decode(scalar <STDIN>);
my $stomp = Net::Stomp->new({ hostname => '127.0.0.1', port => $options->{port} });
my $answer = $stomp->connect({
    login => $options->{login}, passcode => $options->{passcode}, host => '127.0.0.1', 'accept-version' => '1.2',
});
if ($answer->command ne 'CONNECTED') {
    hear($answer);
    exit;
}
saw('connected');

# 1.2 settles by the header `ack` of the MESSAGE, which the module hands through.
my %settle = map {
    my $verb = $_;
    $verb => sub {
        my $frame = $messages[$_[0]->{number}];
        $stomp->$verb({ frame => $frame, id => $frame->headers->{ack} });
    }
} qw(ack nack);
my %transaction = map {
    my $command = uc;
    $_ => sub {
        my $headers = { transaction => $_[0]->{transaction} };
        $stomp->send_frame(Net::Stomp::Frame->new({ command => $command, headers => $headers }));
    }
} qw(begin commit abort);
my %do = (
    %settle,
    %transaction,
    subscribe => sub {
        my ($line) = @_;
        $stomp->subscribe({ map { $_ => $line->{$_} } qw(destination id ack) });
    },
    send => sub {
        my ($line) = @_;
        $stomp->send({
            (map { $_ => $line->{$_} } grep { exists $line->{$_} } qw(destination receipt transaction)),
            body => decode_base64($line->{body}), bytes_message => 1,
        });
    },
);

my $inputs = IO::Select->new(\*STDIN, $stomp->socket);
my $pending = '';
while (1) {
    my @ready = $stomp->can_read({ timeout => 0 }) ? () : $inputs->can_read;
    if (!@ready || grep { $_ == $stomp->socket } @ready) {
        my $frame = $stomp->receive_frame({ timeout => 5 });
        if (!$frame) {
            saw('disconnected');
            exit;
        }
        hear($frame);
        next;
    }
    sysread(STDIN, $pending, 65536, length $pending) or exit;
    while ($pending =~ s/^([^\n]*)\n//) {
        my $line = $json->decode($1);
        if ($line->{do} eq 'disconnect') {
            $stomp->disconnect;
            saw('disconnected');
            exit;
        }
        $do{ $line->{do} }->($line);
    }
}
