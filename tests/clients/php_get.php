<?php
// SPDX-License-Identifier: MIT
// PHP's curl extension: GETs of one address with one handle. usage: URL COUNT [NAME:VALUE...]
[$script, $url, $count] = $argv;
$seen = [];
$handle = curl_init($url);
curl_setopt_array($handle, [
    CURLOPT_CAINFO => getenv('CURL_CA_BUNDLE'),
    CURLOPT_HTTPHEADER => array_slice($argv, 3),
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => 20,
    CURLOPT_HEADERFUNCTION => function ($handle, $line) use (&$seen) {
        [$name, $value] = array_pad(explode(':', $line, 2), 2, '');
        $seen[strtolower($name)] = trim($value);
        return strlen($line);
    },
]);
for ($index = 0; $index < $count; $index++) {
    $seen = [];
    $body = curl_exec($handle);
    if ($body === false) {
        fwrite(STDERR, curl_error($handle) . "\n");
        exit(7);
    }
    echo curl_getinfo($handle, CURLINFO_RESPONSE_CODE), ' ', $seen['age'] ?? '-', ' ',
        $seen['cache-status'] ?? '-', ' ', $body, "\n";
}
