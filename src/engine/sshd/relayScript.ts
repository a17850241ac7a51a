/**
 * Joins its standard input and output with a socket inside the jail. In Perl, which a Debian cannot be without: Node
 * itself is not to be had in a jail, and no other program that is connects to Unix sockets and closes them by halves.
 *
 * `dial tcp HOST PORT`, `dial unix PATH` and `dial door NAME` connect, and say so with an empty line. `listen tcp PORT
 * NAME` (on the loopback) and `listen unix PATH NAME` say the port, or 0. Everyone who comes gets a door, a socket for
 * `dial door` that is called NAME-NUMBER, and a line `NUMBER ADDRESS PORT`. It listens until it gets some input, and
 * ends with its input. What fails is said in the first line.
 *
 * One process moves all bytes, each flow holding no more than one piece. Its standard streams are sockets: they are
 * shut down rather than closed, since nsenter holds the same ones, and the output can be "read" once nobody hears it.
 */
export const relayScript = String.raw`
use strict;
use Socket qw(:all);
use IO::Handle;
use Errno qw(EAGAIN EINTR);
$SIG{PIPE} = 'IGNORE';
$0 = "ssh forwarding: @ARGV";

my %on;
my @flows;

sub report { syswrite STDOUT, "$_[0]\n" }
sub fail { report($_[0] || $!); exit 1 }
sub passes { $! == EAGAIN || $! == EINTR }

sub flow {
  my ($from, $to) = @_;
  $_->blocking(0) for $from, $to;
  push @flows, { from => $from, to => $to, bytes => '' };
}

sub unix_address {
  my ($path) = @_;
  fail('File name too long') if length $path > 107;
  return pack_sockaddr_un($path);
}

# What is larger would be taken for another port.
sub port {
  my ($port) = @_;
  fail('No such port') if $port > 65535;
  return $port;
}

# For localhost the resolver gives only the first of its two lines in /etc/hosts.
sub addresses {
  my ($host, $port) = @_;
  return map { addresses($_, $port) } '127.0.0.1', '::1' if lc $host eq 'localhost';
  my ($error, @found) = getaddrinfo($host, port($port), { socktype => SOCK_STREAM });
  fail($error) if $error;
  return @found;
}

sub dial_tcp {
  for (addresses(@_)) {
    socket(my $socket, $_->{family}, SOCK_STREAM, 0) or next;
    next unless connect $socket, $_->{addr};
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
    return $socket;
  }
  fail();
}

sub dial_unix {
  socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or fail();
  connect $socket, unix_address(@_) or fail();
  return $socket;
}

sub listen_at {
  my ($family, $address) = @_;
  socket(my $socket, $family, SOCK_STREAM, 0) or fail();
  setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
  bind $socket, $address or fail();
  listen $socket, 128 or fail();
  return $socket;
}

sub serve {
  my ($listener, $name, $leave) = @_;
  my $count = 0;
  $on{fileno $listener} = sub {
    my $peer = accept(my $guest, $listener) or return;
    my $number = ++$count;
    my $door = listen_at(PF_UNIX, pack_sockaddr_un("\0$name-$number"));
    $on{fileno $door} = sub {
      accept(my $inner, $door) or return;
      delete $on{fileno $door};
      flow($guest, $inner);
      flow($inner, $guest);
    };
    my ($port, $host) = length $peer == 16 ? unpack_sockaddr_in($peer) : (0, INADDR_LOOPBACK);
    report("$number " . inet_ntoa($host) . " $port");
  };
  $on{fileno STDIN} = sub {
    my $stays = sysread STDIN, my $input, 64;
    if (defined fileno $listener) {
      delete $on{fileno $listener};
      close $listener;
      $leave->();
    }
    exit unless $stays;
  };
}

sub move {
  my ($flow) = @_;
  my ($from, $to) = @$flow{qw(from to)};
  if ($flow->{bytes} eq '') {
    my $count = sysread $from, $flow->{bytes}, 65536;
    return 1 if !defined $count && passes();
    if (!$count) { shutdown $to, SHUT_WR; return 0 }
  }
  my $count = syswrite $to, $flow->{bytes};
  return passes() if !defined $count;
  substr($flow->{bytes}, 0, $count, '');
  return 1;
}

my ($verb, $kind, @where) = @ARGV;
if ($verb eq 'dial') {
  my $socket = $kind eq 'tcp' ? dial_tcp(@where) : dial_unix($kind eq 'door' ? "\0$where[0]" : $where[0]);
  report('');
  flow(*STDIN{IO}, $socket);
  flow($socket, *STDOUT{IO});
  $on{fileno STDOUT} = sub {
    delete $on{fileno STDOUT};
    @flows = grep { $_->{from} != $socket } @flows;
  };
} elsif ($kind eq 'tcp') {
  my $listener = listen_at(PF_INET, pack_sockaddr_in(port($where[0]), INADDR_LOOPBACK));
  report((unpack_sockaddr_in getsockname $listener)[0]);
  serve($listener, $where[1], sub { });
} else {
  umask 0177;
  my $listener = listen_at(PF_UNIX, unix_address($where[0]));
  report(0);
  serve($listener, $where[1], sub { unlink $where[0] });
}

while (@flows || $on{fileno STDIN}) {
  my ($reading, $writing) = ('', '');
  vec($reading, $_, 1) = 1 for keys %on;
  for (@flows) {
    if ($_->{bytes} eq '') { vec($reading, fileno $_->{from}, 1) = 1 }
    else { vec($writing, fileno $_->{to}, 1) = 1 }
  }
  next if select($reading, $writing, undef, undef) < 0;
  vec($reading, $_, 1) && $on{$_} && $on{$_}->() for keys %on;
  @flows = grep { move($_) } @flows;
}
`;
