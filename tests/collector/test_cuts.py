"""What is too long gets through to the issue, cut: the limits of section 1, seen from outside."""

from support.collector import Collector
from support.sending import a_report, fresh_project


def test_a_report_that_breaks_every_limit_is_taken_and_cut(shared_collector: Collector) -> None:
    long = "x" * 10_000

    answer = shared_collector.report(
        a_report(
            fresh_project(),
            type=long,
            message=long,
            file_path=long,
            stack_trace=[long, *(str(number) for number in range(1000))],
            environment=long,
            version=long,
            context={"body": "x" * 100_000, "job": "build"},
            frames=[{"line_number": number} for number in range(300)],
        )
    )

    issue = shared_collector.issue(answer["id"])
    error = issue["error"]
    assert (256, 8190, 1024) == (len(error["type"]), len(error["message"]), len(error["file_path"]))
    assert (501, 4094, "999") == (len(error["stack_trace"]), len(error["stack_trace"][0]), error["stack_trace"][-1])
    assert (200, 200) == (len(issue["environment"]), len(issue["version"]))
    assert "build" == issue["context"]["job"]
    assert len(issue["context"]["body"]) < 65_536
    [occurrence] = shared_collector.get(f"/api/v1/issues/{answer['id']}/occurrences")["items"]
    assert 200 == len(occurrence["frames"])
