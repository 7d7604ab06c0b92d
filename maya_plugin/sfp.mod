+ sfp 1.0 .
