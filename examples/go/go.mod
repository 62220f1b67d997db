module example.test/onboarding

go 1.21
