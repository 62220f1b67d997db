<?php
// A receiver as a PHP team would write it, with the vendor's own two lines: 200 where the signature is right, else 400.
$secret = getenv('SECRET_KEY');
$response = file_get_contents('php://input');
$signature = getallheaders()['Signature'] ?? '';
$computed = getenv('SCHEME') === 'legacy' ? hash('sha256', $response . $secret) : hash('sha256', $response . hash('sha256', $secret));
http_response_code(hash_equals($computed, $signature) ? 200 : 400);
