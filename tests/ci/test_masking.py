from logcenter_ci.masking import mask, secret_values


def test_the_values_of_secret_looking_variables_are_taken_out() -> None:
    secrets = secret_values({"NPM_TOKEN": "npm_abcdef", "db_password": "hunter2!", "HOME": "/home/dev"})

    assert "login *** with *** at /home/dev" == mask("login npm_abcdef with hunter2! at /home/dev", secrets)


def test_short_values_stay_because_they_occur_in_ordinary_text() -> None:
    assert "true 12345" == mask("true 12345", secret_values({"USE_TOKEN": "true", "API_KEY": "12345"}))


def test_a_secret_of_many_lines_is_taken_out_line_by_line() -> None:
    secrets = secret_values({"SSH_KEY": "-----BEGIN-----\nAAAABBBB\n"})

    assert "*** and ***" == mask("-----BEGIN----- and AAAABBBB", secrets)


def test_a_secret_that_holds_another_one_goes_as_a_whole() -> None:
    secrets = secret_values({"A_TOKEN": "abcdef", "B_TOKEN": "abcdefghi"})

    assert "***" == mask("abcdefghi", secrets)
