Feature: Sign-up
  Cloudcheck verifies a person; what it finds decides.

  Scenario: An ordinary customer is approved
    When Tamsin Okafor, born 1987-03-14, signs up
    Then the customer is "approved"

  Scenario Outline: <outcome> makes it <decision>
    Given Cloudcheck answers "<outcome>"
    When Mārama O'Neill, born 1979-11-04, signs up
    Then the customer is "<decision>"

    Examples:
      | outcome      | decision |
      | verified     | approved |
      | not-verified | rejected |
      | pep-match    | review   |

  Scenario: A copied secret with a space at its end
    Given the application's secret ends with a space
    When Tamsin Okafor, born 1987-03-14, signs up
    Then Cloudcheck refuses the request with error 106
    And the mock server names the cause: "space"
