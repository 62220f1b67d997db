<?php
// php send.php CLIENT ADDRESS CASES: send each case with Guzzle or with PHP's own curl functions.
require_once 'GuzzleHttp/autoload.php';

[, $client, $address, $file] = $argv;

function guzzle(string $url, array $case): void
{
    $http = new GuzzleHttp\Client();
    $fields = array_column($case['fields'] ?? [], 1, 0);
    if ($case['case'] === 'get') {
        $http->get($url, ['query' => $fields]);
    } elseif (isset($case['json'])) {
        $http->post($url, ['json' => $case['json'], 'auth' => [$case['user'], $case['password']]]);
    } elseif ($case['case'] === 'expect') {
        $http->post($url, ['form_params' => $fields, 'expect' => true]);
    } elseif ($case['case'] === 'form') {
        $http->post($url, ['form_params' => $fields]);
    } else {
        $parts = array_map(fn ($pair) => ['name' => $pair[0], 'contents' => $pair[1]], $case['fields']);
        if (isset($case['file'])) {
            $file = $case['file'];
            $parts[] = [
                'name' => $file['name'], 'contents' => base64_decode($file['base64']),
                'filename' => $file['filename'], 'headers' => ['Content-Type' => $file['type']],
            ];
        }
        $http->post($url, ['multipart' => $parts] + (isset($case['user']) ? ['auth' => [$case['user'], $case['password']]] : []));
    }
}

function curl(string $url, array $case): void
{
    $fields = array_column($case['fields'] ?? [], 1, 0);
    $handle = curl_init();
    if ($case['case'] === 'get') {
        $url .= '?' . http_build_query($fields);
    } elseif (isset($case['json'])) {
        curl_setopt($handle, CURLOPT_USERPWD, $case['user'] . ':' . $case['password']);
        curl_setopt($handle, CURLOPT_HTTPHEADER, ['Content-Type: application/json']);
        curl_setopt($handle, CURLOPT_POSTFIELDS, json_encode($case['json']));
    } elseif (isset($case['file'])) {
        $file = $case['file'];
        $fields[$file['name']] = new CURLStringFile(base64_decode($file['base64']), $file['filename'], $file['type']);
        curl_setopt($handle, CURLOPT_POSTFIELDS, $fields);
    } else {
        curl_setopt($handle, CURLOPT_POSTFIELDS, http_build_query($fields));
        if ($case['case'] === 'expect') {
            curl_setopt($handle, CURLOPT_HTTPHEADER, ['Expect: 100-continue']);
        }
    }
    curl_setopt_array($handle, [CURLOPT_URL => $url, CURLOPT_RETURNTRANSFER => true]);
    if (curl_exec($handle) === false) {
        throw new RuntimeException(curl_error($handle));
    }
}

$curl = 'curl ' . curl_version()['version'] . ', PHP ' . PHP_VERSION;
echo $client === 'guzzle' ? 'Guzzle ' . GuzzleHttp\ClientInterface::MAJOR_VERSION . ", $curl" : $curl, "\n";
$send = ['guzzle' => 'guzzle', 'php-curl' => 'curl'][$client];
foreach (json_decode(file_get_contents($file), true, 512, JSON_THROW_ON_ERROR) as $case) {
    $send($address . $case['path'], $case);
}
