// Lines of the log: nothing that comes from outside ends a line, opens a field or reaches a terminal.
#include "node/log.hpp"

#include <doctest/doctest.h>

namespace tally::log {

TEST_CASE("a line of text: plain words as they are, everything else quoted and escaped") {
    CHECK(as_text("request", {{"status", 404}, {"route", "/v1/status"}}) == "request status=404 route=/v1/status");
    CHECK(as_text("x", {{"a", ""}, {"b", "two words"}, {"c", "k=v"}, {"d", "say \"no\""}}) == R"(x a="" b="two words" c="k=v" d="say \"no\"")");
    CHECK(as_text("x", {{"a", "1\nintent=2\x1b[31m\xc2\x9b\x7f"}}) == R"(x a="1\\x0aintent=2\\x1b[31m\\xc2\\x9b\\x7f")");
}

TEST_CASE("a line as JSON: numbers as numbers, texts escaped") {
    CHECK(as_json("T", Level::Warn, "x", {{"height", 7}, {"who", "a\n\"b\"\xff"}}) == R"({"time": "T", "level": "warn", "what": "x", "height": 7, "who": "a\\x0a\"b\"\\xff"})");
}

TEST_CASE("levels have names") {
    Level level = Level::Info;
    CHECK(level_by_name("debug", level));
    CHECK(level == Level::Debug);
    CHECK_FALSE(level_by_name("loud", level));
}

} // namespace tally::log
