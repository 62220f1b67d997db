<?php

declare(strict_types=1);

// php test.php, against a running mock server (MOCK_SERVER_URL). Each test is an account of its own.
require __DIR__ . '/onboarding.php';

$url = getenv('MOCK_SERVER_URL') ?: 'http://127.0.0.1:8484';
$person = ['name' => ['given' => 'Tamsin', 'family' => 'Okafor'], 'dateofbirth' => '1987-03-14'];

/** A call of the control API, for one account. */
function control(string $method, string $path, string $account, ?array $body = null): array
{
    global $url;
    $target = "$url/__admin/$path" . (str_contains($path, '?') ? '&' : '?') . "account=$account";
    $context = stream_context_create(['http' => ['method' => $method, 'content' => $body === null ? '' : json_encode($body), 'header' => ['Content-Type: application/json'], 'ignore_errors' => true, 'timeout' => 15]]);
    return json_decode(file_get_contents($target, false, $context), true, 512, JSON_THROW_ON_ERROR);
}

function check(string $what, mixed $expected, mixed $actual): void
{
    if ($expected !== $actual) {
        fwrite(STDERR, "not ok - $what: expected " . var_export($expected, true) . ', got ' . var_export($actual, true) . "\n");
        exit(1);
    }
    echo "ok - $what\n";
}

/** A fresh account. It needs no set-up: it exists from its first request. */
function new_account(): string
{
    return 'test-' . bin2hex(random_bytes(8));
}

$account = new_account();
check('an ordinary customer is approved', 'approved', verify_person($url, $account, "$account-secret", $person, 'customer-1'));

$account = new_account();
control('POST', 'scenarios', $account, [
    'version' => 1,
    'provider' => 'cloudcheck',
    'scenarios' => [['name' => 'exposed', 'match' => ['operation' => 'verify'], 'respond' => ['outcome' => 'pep-match']]],
]);
check('a politically exposed person goes to a reviewer', 'review', verify_person($url, $account, "$account-secret", $person, 'customer-2'));

$account = new_account();
$socket = stream_socket_server('tcp://127.0.0.1:0');
[, $port] = explode(':', stream_socket_get_name($socket, false));
fclose($socket);
$decisions = sys_get_temp_dir() . '/decisions-' . bin2hex(random_bytes(4));
mkdir($decisions);
$environment = ['SHUFTI_SECRET_KEY' => "$account-secret", 'DECISIONS' => $decisions] + getenv();
$receiver = proc_open([PHP_BINARY, '-q', '-S', "127.0.0.1:$port", __DIR__ . '/callback.php'], [2 => ['file', '/dev/null', 'w']], $pipes, null, $environment);
register_shutdown_function(static fn () => proc_terminate($receiver));
while (!($probe = @fsockopen('127.0.0.1', (int) $port))) {
    usleep(10_000);
}
fclose($probe);

screen_person($url, $account, "$account-secret", ['first_name' => 'Ingrid', 'last_name' => 'Solvang'], '1979-11-04', 'customer-3', "http://127.0.0.1:$port/");
$answer = control('GET', 'callbacks/wait?reference=customer-3&outcome=delivered&timeout=10s', $account);
check('the callback arrives', 200, $answer['callbacks'][0]['attempts'][0]['status'] ?? null);
check('and its decision is kept', 'verification.accepted', file_get_contents($decisions . '/' . hash('sha256', 'customer-3')));
