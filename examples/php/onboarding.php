<?php

declare(strict_types=1);

// The app under test. It knows nothing of any mock: only base URLs and credentials differ between a test and production.

/** Ask Cloudcheck to verify a person. Returns "approved", "review" or "rejected". */
function verify_person(string $baseUrl, string $key, string $secret, array $person, string $reference): string
{
    $params = [
        'data' => json_encode(['details' => $person, 'reference' => $reference, 'consent' => 'Yes'], JSON_THROW_ON_ERROR),
        'key' => $key,
        'nonce' => bin2hex(random_bytes(16)),
        'timestamp' => (string) (int) (microtime(true) * 1000),
    ];
    $path = '/verify/';
    ksort($params);
    $canonical = $path;
    foreach ($params as $name => $value) {
        $canonical .= "$name=$value;";
    }
    $params['signature'] = hash_hmac('sha256', $canonical, $secret);
    [, $body] = post(rtrim($baseUrl, '/') . $path, http_build_query($params), ['Content-Type: application/x-www-form-urlencoded']);
    $answer = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
    $verification = $answer['verification'] ?? $answer;
    if (isset($verification['error'])) {
        throw new RuntimeException("Cloudcheck refused with {$verification['error']}: {$verification['message']}");
    }
    if (!empty($verification['pepMatches'])) {
        return 'review';
    }
    return $verification['verificationSuccess'] ? 'approved' : 'rejected';
}

/** Ask Shufti Pro to screen a person; the decision comes to the callback URL too. Returns the event answered at once. */
function screen_person(string $baseUrl, string $clientId, string $secretKey, array $name, string $dob, string $reference, string $callbackUrl): string
{
    $body = json_encode([
        'reference' => $reference,
        'callback_url' => $callbackUrl,
        'background_checks' => ['name' => $name, 'dob' => $dob],
    ], JSON_THROW_ON_ERROR);
    [$headers, $answer] = post($baseUrl, $body, ['Content-Type: application/json', 'Authorization: Basic ' . base64_encode("$clientId:$secretKey")]);
    if (!is_genuine($answer, $headers['signature'] ?? '', $secretKey)) {
        throw new RuntimeException('the answer is not signed by Shufti Pro');
    }
    return json_decode($answer, true, 512, JSON_THROW_ON_ERROR)['event'];
}

/** Whether Shufti Pro sent these bytes: SHA-256 over the body and the hashed secret key, as for accounts since March 2023. */
function is_genuine(string $body, string $signature, string $secretKey): bool
{
    return hash_equals(hash('sha256', $body . hash('sha256', $secretKey)), $signature);
}

/** @return array{array<string, string>, string} headers by lower-case name, and the body */
function post(string $url, string $body, array $headers): array
{
    $context = stream_context_create(['http' => ['method' => 'POST', 'header' => $headers, 'content' => $body, 'ignore_errors' => true, 'timeout' => 15]]);
    $answer = file_get_contents($url, false, $context);
    if ($answer === false) {
        throw new RuntimeException("$url cannot be reached");
    }
    $found = [];
    foreach ($http_response_header as $line) {
        [$name, $value] = explode(':', $line, 2) + [1 => ''];
        $found[strtolower($name)] = trim($value);
    }
    return [$found, $answer];
}
