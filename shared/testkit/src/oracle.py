def serve():
    """A verdict for each case that stands on a line."""
    import json
    import sys

    sys.stdin.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        case = json.loads(line)
        expected = "nothing: there is no answer"
        try:
            holds = eval(case["check"], globals())
            if isinstance(holds, tuple):
                holds, expected = holds
            right = bool(holds(case["answer"]))
        except Exception as problem:
            right, expected = False, f"{type(problem).__name__}: {problem}; {expected}"
        print(json.dumps({"right": right, "expected": str(expected)}), flush=False)


serve()
