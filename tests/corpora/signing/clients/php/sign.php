<?php
// Signs each job of a JSON file with PHP's own means, as the job says, and prints signature and form.
$texts = [
    'json_encode' => fn($text) => json_encode(json_decode($text, true)),
    'json_encode of objects' => fn($text) => json_encode(json_decode($text)),
    'JSON_UNESCAPED_SLASHES' => fn($text) => json_encode(json_decode($text, true), JSON_UNESCAPED_SLASHES),
    'JSON_UNESCAPED_UNICODE' => fn($text) => json_encode(json_decode($text, true), JSON_UNESCAPED_UNICODE),
    'JSON_UNESCAPED_SLASHES|JSON_UNESCAPED_UNICODE' => fn($text) => json_encode(json_decode($text, true), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE),
    'JSON_PRETTY_PRINT' => fn($text) => json_encode(json_decode($text, true), JSON_PRETTY_PRINT),
    'JSON_PRESERVE_ZERO_FRACTION' => fn($text) => json_encode(json_decode($text, true), JSON_PRESERVE_ZERO_FRACTION),
    "Symfony's JsonResponse" => fn($text) => json_encode(json_decode($text, true), JSON_HEX_TAG | JSON_HEX_APOS | JSON_HEX_AMP | JSON_HEX_QUOT),
    'ksort' => function ($text) { $data = json_decode($text, true); ksort($data); return json_encode($data); },
    'htmlspecialchars' => fn($text) => htmlspecialchars($text),
    'htmlentities' => fn($text) => htmlentities($text, ENT_QUOTES, 'UTF-8'),
    'addslashes' => fn($text) => addslashes($text),
    'stripslashes' => fn($text) => stripslashes($text),
    'rawurlencode' => fn($text) => rawurlencode($text),
    'trim' => fn($text) => trim($text),
    'PHP_EOL' => fn($text) => $text . PHP_EOL,
    'http_build_query' => fn($text) => http_build_query(json_decode($text, true)),
    'json_encode twice' => fn($text) => json_encode($text),
    'Array' => fn($text) => 'Array',
    'empty' => fn($text) => '',
    'base64_encode' => fn($text) => base64_encode($text),
    'strtolower' => fn($text) => strtolower($text),
];
$charsets = [
    'utf-8' => fn($text) => $text,
    'mojibake' => fn($text) => iconv('ISO-8859-1', 'UTF-8', $text),
    'utf-16' => fn($text) => iconv('UTF-8', 'UTF-16LE', $text),
];
$keys = [
    'as-is' => fn($secret) => $secret,
    'sha256' => fn($secret) => hash('sha256', $secret),
    'sha256 upper' => fn($secret) => strtoupper(hash('sha256', $secret)),
    'raw' => fn($secret) => hash('sha256', $secret, true),
    'twice' => fn($secret) => hash('sha256', hash('sha256', $secret)),
    'md5' => fn($secret) => md5($secret),
];
$macs = [
    'hmac' => fn($text, $key) => hash_hmac('sha256', $text, $key, true),
    'hmac-sha1' => fn($text, $key) => hash_hmac('sha1', $text, $key, true),
    'hmac-sha512' => fn($text, $key) => hash_hmac('sha512', $text, $key, true),
    'hmac-md5' => fn($text, $key) => hash_hmac('md5', $text, $key, true),
    'append' => fn($text, $key) => hash('sha256', $text . $key, true),
    'prepend' => fn($text, $key) => hash('sha256', $key . $text, true),
    'bare' => fn($text, $key) => hash('sha256', $text, true),
    'append-md5' => fn($text, $key) => md5($text . $key, true),
    'append-sha1' => fn($text, $key) => sha1($text . $key, true),
    'swapped' => fn($text, $key) => hash_hmac('sha256', $key, $text, true),
    'hash first' => fn($text, $key) => hash_hmac('sha256', hash('sha256', $text), $key, true),
];
$digests = [
    'hex' => fn($mac) => bin2hex($mac),
    'upper' => fn($mac) => strtoupper(bin2hex($mac)),
    'base64' => fn($mac) => base64_encode($mac),
    'base64 of hex' => fn($mac) => base64_encode(bin2hex($mac)),
    'hex of hex' => fn($mac) => bin2hex(bin2hex($mac)),
];
$files = [
    'name' => fn($upload) => basename("/tmp/$upload[filename]"),
    '@' => fn($upload) => "@$upload[filename]",
    'content' => fn($upload) => base64_decode($upload['base64']),
];
foreach (json_decode(file_get_contents($argv[1]), true) as $job) {
    $text = $job['text'];
    foreach ($job['texts'] as $op) {
        $text = $texts[$op]($text);
    }
    $form = $job['form'];
    $sent = [];
    if ($form) {
        $fields = [];
        foreach ($form['fields'] as [$name, $value]) {
            $sent[$name] = $value;
            $value = $name === 'data' ? $text : $value;
            $fields[$name] = $form['values'] === 'encoded' ? urlencode($value) : $value;
        }
        if ($form['file'] ?? '') {
            $fields['file'] = $files[$form['file']]($job['upload']);
        }
        if ($form['sorted']) {
            ksort($fields);
        }
        $parts = array_map(fn($name) => $name . $form['equals'] . $fields[$name], array_keys($fields));
        $text = $form['path'] . $form['lead'] . implode($form['between'], $parts) . $form['last'];
    }
    $mac = $macs[$job['mac']]($charsets[$job['charset']]($text), $keys[$job['key']]($job['secret']));
    $signature = $digests[$job['digest']]($mac);
    $wire = $form ? http_build_query($sent + ['signature' => $signature]) : '';
    echo json_encode(['id' => $job['id'], 'signature' => $signature, 'wire' => $wire]), "\n";
}
