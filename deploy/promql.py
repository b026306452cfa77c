"""Just enough of PromQL to know which metrics and labels a query uses, and which labels its result has.

`Query(text)` has `selectors` (metric, labels in its matchers) and `result(known)`: the labels of what comes out, where `known`
gives the labels of a metric. A label that no metric below it has is reported by `problems(known)`.
"""

import re

TOKEN = re.compile(
    r"""\s+|\#[^\n]*
    |(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<duration>\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*)
    |(?P<number>0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[a-zA-Z_:$][a-zA-Z0-9_:]*)
    |(?P<op>=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],@:])""",
    re.VERBOSE,
)
AGGREGATIONS = set("sum min max avg group stddev stdvar count count_values bottomk topk quantile".split())
# From loose to tight; all of them bind to the left but ^, which makes no difference to labels.
LEVELS = [{"or"}, {"and", "unless"}, {"==", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}, {"^"}]
WITHOUT_LABELS = {"vector", "scalar", "time", "absent", "absent_over_time"}


class Wrong(Exception):
    """A query that cannot be read, or uses what is not there."""


class Query:
    """A query, read."""

    def __init__(self, text):
        self.tokens = []
        at = 0
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise Wrong(f"cannot read `{text[at:at + 20]}`")
            at = match.end()
            if match.lastgroup:
                self.tokens.append((match.lastgroup, match.group()))
        self.at = 0
        self.selectors = []
        self.uses = []
        self.tree = self.binary(0)
        if self.at < len(self.tokens):
            raise Wrong(f"`{self.tokens[self.at][1]}` does not belong there")

    # Reading ------------------------------------------------------------------------------------------------------------

    def peek(self):
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, expected=None):
        if self.at >= len(self.tokens):
            raise Wrong("ends too early")
        kind, text = self.tokens[self.at]
        if expected is not None and text != expected:
            raise Wrong(f"`{expected}` is missing before `{text}`")
        self.at += 1
        return kind, text

    def names(self):
        """A list of labels in parentheses."""
        self.take("(")
        names = []
        while self.peek() != ")":
            names.append(self.take()[1])
            if self.peek() == ",":
                self.take()
        self.take(")")
        return names

    def binary(self, level):
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in LEVELS[level]:
            op = self.take()[1]
            if self.peek() == "bool":
                self.take()
            matching, group, extra = None, None, []
            if self.peek() in ("on", "ignoring"):
                matching = (self.take()[1], self.names())
            if self.peek() in ("group_left", "group_right"):
                group = self.take()[1]
                extra = self.names() if self.peek() == "(" else []
            left = ("binary", op, left, self.binary(level + 1), matching, group, extra)
        return left

    def unary(self):
        if self.peek() in ("-", "+"):
            self.take()
            return self.unary()
        node = self.atom()
        while True:
            if self.peek() == "[":
                while self.take()[1] != "]":
                    pass
            elif self.peek() == "offset":
                self.take()
                if self.peek() == "-":
                    self.take()
                self.take()
            else:
                return node

    def atom(self):
        kind, text = self.take()
        if text == "(":
            node = self.binary(0)
            self.take(")")
            return node
        if kind in ("number", "string", "duration"):
            return ("value", text)
        if text == "{":
            self.at -= 1
            return self.selector("")
        if kind != "name":
            raise Wrong(f"`{text}` does not belong there")
        if text in AGGREGATIONS and self.peek() in ("(", "by", "without"):
            grouping = (self.take()[1], self.names()) if self.peek() in ("by", "without") else None
            arguments = self.arguments()
            if self.peek() in ("by", "without"):
                grouping = (self.take()[1], self.names())
            return ("aggregation", grouping, arguments)
        if self.peek() == "(":
            return ("function", text, self.arguments())
        return self.selector(text)

    def arguments(self):
        self.take("(")
        arguments = []
        while self.peek() != ")":
            arguments.append(self.binary(0))
            if self.peek() == ",":
                self.take()
        self.take(")")
        return arguments

    def selector(self, metric):
        labels = []
        if self.peek() == "{":
            self.take()
            while self.peek() != "}":
                name = self.take()[1]
                operator, value = self.take()[1], self.take()[1][1:-1]
                if name == "__name__":
                    metric = value
                labels.append((name, operator, value))
                if self.peek() == ",":
                    self.take()
            self.take("}")
        self.selectors.append((metric, labels))
        return ("selector", metric, labels)

    # Labels -------------------------------------------------------------------------------------------------------------

    def result(self, known):
        """Labels of the result; raises Wrong for a label that cannot be there, or a metric that is not known."""
        return self.labels(self.tree, known)

    def labels(self, node, known):
        kind = node[0]
        if kind == "value":
            return set()
        if kind == "selector":
            labels = known(node[1])
            for name, _, _ in node[2]:
                if name != "__name__" and name not in labels:
                    raise Wrong(f"`{node[1]}` has no label `{name}`")
            return set(labels)
        if kind == "aggregation":
            inner = set().union(*(self.labels(one, known) for one in node[2]))
            if node[1] is None:
                return set()
            how, names = node[1]
            self.must_have(inner, names, how)
            return set(names) if how == "by" else inner - set(names)
        if kind == "function":
            return self.of_function(node, known)
        _, op, left, right, matching, group, extra = node
        left, right = self.labels(left, known), self.labels(right, known)
        if matching:
            self.must_have(left, matching[1], matching[0])
            self.must_have(right, matching[1], matching[0])
        if op == "or":
            return left | right
        if op in ("and", "unless"):
            return left
        if group:
            self.must_have(right if group == "group_left" else left, extra, group)
            return (left if group == "group_left" else right) | set(extra)
        if matching:
            return set(matching[1]) if matching[0] == "on" else left - set(matching[1])
        return left | right

    def of_function(self, node, known):
        _, name, arguments = node
        inner = set().union(*(self.labels(one, known) for one in arguments), set())
        if name in WITHOUT_LABELS:
            return set()
        if name == "histogram_quantile":
            self.must_have(inner, ["le"], name)
            return inner - {"le"}
        if name == "label_replace":
            return inner | {arguments[1][1][1:-1]}
        return inner

    @staticmethod
    def must_have(labels, names, where):
        for name in names:
            if name not in labels:
                raise Wrong(f"`{where}` names the label `{name}`, which nothing there has")
