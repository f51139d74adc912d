<?php
// SPDX-License-Identifier: MIT
// PHP's stream wrapper: `Connection: close`, reads to the end of the connection.
[$script, $url, $key, $body] = $argv;
$count = (int) ($argv[4] ?? 1);
$step = (int) ($argv[5] ?? 1);
$status = 0;
for ($index = 0; $index < $count; $index++) {
    $context = stream_context_create([
        'http' => [
            'method' => 'POST',
            'protocol_version' => 1.1,
            'header' => "Authorization: Bearer $key\r\nContent-Type: application/json\r\n" .
                "Connection: close\r\n",
            'content' => str_replace('@N@', (string) (1 + $index * $step), $body),
            'ignore_errors' => true,
            'timeout' => 20,
        ],
        'ssl' => ['cafile' => getenv('SSL_CERT_FILE')],
    ]);
    echo file_get_contents($url, false, $context), "\n";
    if (!preg_match('/ 2\d\d/', $http_response_header[0] ?? '')) {
        $status = 22;
    }
}
exit($status);
