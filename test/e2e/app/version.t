# what: the version in words
tags quick

run version
stdout re: ^leat \d+\.\d+\.\d+
