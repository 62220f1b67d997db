<?php

declare(strict_types=1);

// The receiver of Shufti Pro's callbacks: php -S 127.0.0.1:9000 callback.php. Decisions go into a file per reference.
require __DIR__ . '/onboarding.php';

$body = file_get_contents('php://input');
if (!is_genuine($body, $_SERVER['HTTP_SIGNATURE'] ?? '', getenv('SHUFTI_SECRET_KEY'))) {
    http_response_code(401);
    exit;
}
$decision = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
file_put_contents(getenv('DECISIONS') . '/' . hash('sha256', $decision['reference']), $decision['event']);
