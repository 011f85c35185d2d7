from logcenter_ci.masking import mask, mask_lines, secret_values


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


def test_variables_are_known_by_the_names_that_the_sdk_knows_as_well() -> None:
    variables = {"DB_PASS": "hunter2!", "REDIS_PWD": "hunter3!", "PWD": "/srv/build", "OLDPWD": "/srv/other"}

    assert ("hunter2!", "hunter3!") == tuple(sorted(secret_values(variables)))


def test_what_is_a_secret_by_its_form_is_taken_out_though_no_variable_has_it() -> None:
    assert "cloning https://bob:[masked]@git.example.org/a.git" == mask(
        "cloning https://bob:hunter2@git.example.org/a.git", ()
    )


def test_a_secret_that_goes_over_several_lines_of_a_log_is_taken_out_of_each() -> None:
    lines = [
        "-----BEGIN " + "PRIVATE KEY-----",
        "MIIEowIBAAKCAQEA0Z3VS5JJ",
        "cH1x",
        "-----END PRIVATE KEY-----",
        "done",
    ]

    assert [lines[0], "[masked]", "[masked]", *lines[3:]] == mask_lines(lines, ())
    assert [] == mask_lines([], ())
