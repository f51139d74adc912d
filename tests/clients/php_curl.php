<?php
// SPDX-License-Identifier: MIT
// PHP's curl extension with curl_multi, all requests at once.
[$script, $url, $key, $body] = $argv;
$count = (int) ($argv[4] ?? 1);
$step = (int) ($argv[5] ?? 1);
$status = 0;
$handles = [];
$multi = curl_multi_init();
for ($index = 0; $index < $count; $index++) {
    $handle = curl_init($url);
    curl_setopt_array($handle, [
        CURLOPT_CAINFO => getenv('CURL_CA_BUNDLE'),
        CURLOPT_HTTPHEADER => ["Authorization: Bearer $key", 'Content-Type: application/json'],
        CURLOPT_POSTFIELDS => str_replace('@N@', (string) (1 + $index * $step), $body),
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 20,
    ]);
    curl_multi_add_handle($multi, $handle);
    $handles[] = $handle;
}
do {
    curl_multi_exec($multi, $running);
    while ($message = curl_multi_info_read($multi)) {
        if ($message['result'] !== CURLE_OK) {
            fwrite(STDERR, curl_strerror($message['result']) . "\n");
            $status = $message['result'];
        }
    }
    if ($running) {
        curl_multi_select($multi, 1.0);
    }
} while ($running);
foreach ($handles as $handle) {
    echo curl_multi_getcontent($handle), "\n";
    if (curl_getinfo($handle, CURLINFO_RESPONSE_CODE) >= 300) {
        $status = 22;
    }
    curl_multi_remove_handle($multi, $handle);
}
exit($status);
