from k8s.samples import crash_looping
from logcenter_k8s.labels import Target, chosen_target, targets


def targets_of(label: str, *project_ids: str) -> tuple[Target, ...]:
    return targets(crash_looping(labels={"app": label}), project_ids, "production")


def test_the_app_label_is_the_projects_id_with_dashes() -> None:
    assert (Target("rtc_backend", "production"),) == targets_of("rtc-backend", "rtc_backend", "rtc_web")


def test_dev_behind_it_is_the_same_project_in_development() -> None:
    assert (Target("rtc_backend", "development"),) == targets_of("rtc-backend-dev", "rtc_backend", "rtc_web")


def test_a_label_that_names_no_project_has_no_target() -> None:
    assert () == targets_of("billing", "rtc_backend")
    assert () == targets(crash_looping(labels=None), ["rtc_backend"], "production")


def test_a_tie_is_not_guessed_at() -> None:
    assert 2 == len(targets_of("rtc-backend", "rtc_backend", "rtc-backend"))
    assert [Target("shop", "development"), Target("shop_dev", "production")] == list(
        targets_of("shop-dev", "shop", "shop_dev")
    )


def test_the_recommended_label_stands_in_for_app() -> None:
    pod = crash_looping(labels={"app.kubernetes.io/name": "rtc-backend"})

    assert (Target("rtc_backend", "staging"),) == targets(pod, ["rtc_backend"], "staging")


def test_a_project_that_was_chosen_still_knows_development() -> None:
    assert Target("all", "production") == chosen_target(crash_looping(), "all", "production")
    assert Target("all", "development") == chosen_target(crash_looping(labels={"app": "x-dev"}), "all", "production")
