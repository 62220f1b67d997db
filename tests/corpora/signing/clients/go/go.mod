module sign

go 1.21
