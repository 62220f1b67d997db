module example.test/onboarding

go 1.19
