// What a golden of one mistake cannot show: several mistakes, excerpts, JSON, edits.
#include "compiler/compile.hpp"

#include <doctest/doctest.h>

namespace {

using namespace tally;

std::unique_ptr<Compilation> checked(const std::string& body) { return check_text("test.tally", "module a.b version 1;\n" + body); }
std::string said(const std::string& body) {
    const auto c = checked(body);
    std::string out;
    for (const auto& d : c->sink.sorted()) {
        const Place at = c->sources.place(d.span.file, d.span.begin);
        out += (out.empty() ? "" : " ") + std::string(diag_info(d.kind).code) + "@" + std::to_string(at.line);
    }
    return out;
}
std::string rendered(const std::string& body) {
    const auto c = checked(body);
    return render(c->sources, c->sink.sorted().at(0), Colour::Off);
}
std::string json(const std::string& body) {
    const auto c = checked(body);
    return render_json(c->sources, c->sink.sorted());
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("two mistakes are two messages, in any mixture of places") {
    CHECK(said("fn f() -> Int {\n let a = 1\n return a;\n}\nfn g() -> Int { return 1 && 2; }\n") == "T1006@3 T1013@6");
    CHECK(said("fn f() -> Int {\n let a = 1\n let b = 2;\n return a ? b : 1;\n}\n") == "T1006@3 T1013@5");
    CHECK(said("recrod R { x: Int; }\nfunction f() -> Int { return 1; }\nfn g() -> Int { retrun 2; }\n") == "T1015@2 T1014@3 T1015@4");
    CHECK(said("/// one\ndef f() -> Int { return 1; }\n/// two\nfn g() -> Int { return 1 § 2; }\n") == "T1014@3 T1004@5");
    CHECK(said("fn f() -> Int { return x; }\nfn g() -> Int { return y; }\n") == "T2001@2 T2001@3");
}

TEST_CASE("what follows from a mistake is not a second message") {
    CHECK(said("contarct Box {\n role owner: Party;\n action f() by owner { x = 1; }\n}\n") == "T1015@2");
    CHECK(said("fn f(a: Int -> Int {\n return a;\n}\nfn g() -> Int { return 1; }\n") == "T1006@2");
    CHECK(said("fn f() -> Int {\n for (i = 0; i < 9; i++) { g(i); }\n return 1;\n}\n") == "T1014@3");
    CHECK(said("fn f() -> Int {\n if 1 > 0 {\n return 1;\n\n}\nfn g() -> Int { return 1; }\n") == "T1018@3");
    CHECK(said("fn f() -> Int {\n let a = nowhere;\n let b = a + 1;\n return b * a;\n}\n") == "T2001@3");
    CHECK(said("fn f() -> Int {\n let a: Nothing = 1;\n return a;\n}\n") == "T2004@3");
}

TEST_CASE("so many mistakes end somewhere") {
    std::string many;
    for (int i = 0; i < 50; ++i) many += "fn f" + std::to_string(i) + "() -> Int { let a = 1 return a; }\n";
    const auto c = checked(many);
    CHECK(c->sink.count() > 5);
    CHECK(c->sink.count() < 20);
}

TEST_CASE("mistakes are counted without end, kept up to a limit") {
    std::string many = "fn f() -> Int { ";
    for (std::size_t i = 0; i < diagnostics_kept_max + 10; ++i) many += "a=1;";
    const auto c = checked(many + " return 1; }\n");
    CHECK(c->sink.count() == diagnostics_kept_max + 10);
    CHECK(c->sink.sorted().size() == diagnostics_kept_max);
}

TEST_CASE("an excerpt shows every place once, in the order of the source") {
    const auto text = rendered("fn f(a: Money<USD>) -> Money<EUR> {\n    return a;\n}\n");
    CHECK(has(text, "   2 | fn f(a: Money<USD>) -> Money<EUR> {\n     |                        ---------- `f` gives back `Money<EUR>`\n"));
    CHECK(has(text, "   3 |     return a;\n     |            ^ Money<USD>\n"));
    CHECK(text.find("   2 |") < text.find("   3 |"));
}

TEST_CASE("marks stand under what they mean, behind wide characters too") {
    CHECK(has(rendered("fn f() -> Int { /* \xe9\x87\x91\xe9\xa2\x9d */ return x; }\n"), "\n     | " + std::string(34, ' ') + "^\n"));
    CHECK(has(rendered("fn f() -> Int { /* caf\xc3\xa9 */ return x; }\n"), "\n     | " + std::string(34, ' ') + "^\n"));
}

TEST_CASE("of a long line a part is shown") {
    const auto text = rendered("fn f() -> Int { let s = \"" + std::string(5000, 'a') + "\"; return x; }" + std::string(5000, ' ') + "// \xe9\x87\x91\n");
    CHECK(text.size() < 1000);
    CHECK(has(text, "return x"));
    CHECK(rendered("// " + std::string(120, ' ') + "\xff" + std::string(300, '\x80') + "\n").size() < 1000); // no characters at all
}

TEST_CASE("choices are shown as the line would be, and none is made") {
    const auto body = "fn f(m: Money<USD>) -> Money<USD> { return m / 3; }\n";
    CHECK(has(rendered(body), "   or: fn f(m: Money<USD>) -> Money<USD> { return round(m / 3, half_even); }\n"));
    const auto c = checked(body);
    const auto all = c->sink.sorted();
    REQUIRE(all.size() == 1);
    CHECK(all[0].suggestions.size() == 3);
    for (const auto& s : all[0].suggestions) CHECK(s.applicability == Applicability::Choice);
}

TEST_CASE("JSON carries the edits, by bytes and by line") {
    const auto text = json("fn f() -> Int {\n    let a = 1\n    return a;\n}\n");
    CHECK(has(text, "\"code\":\"T1006\""));
    CHECK(has(text, "\"suggestions\":[{\"applicability\":\"automatic\",\"edits\":[{\"file\":\"test.tally\",\"line\":3,\"column\":14,\"end_line\":3,\"end_column\":14,"
                    "\"begin\":51,\"end\":51,\"replacement\":\";\"}]}]"));
    CHECK(json("fn f() -> Int { return 1; }\n") == "[]\n");
    CHECK(has(json("error E 'say \xe2\x80\x9cno\xe2\x80\x9d';\n"), "\"replacement\":\"\\\"say "));
}

TEST_CASE("the edits of a suggestion are made together") {
    const Suggestion suggestion{Applicability::Likely, {{{0, 2, 2}, "<"}, {{0, 4, 5}, ""}, {{0, 6, 6}, ">"}}};
    CHECK(applied("abcdef", suggestion) == "ab<cdf>");
}

TEST_CASE("a misspelt name is recognised by its letters") {
    const std::vector<std::string> known{"amount", "balance", "x"};
    CHECK(closest("amuont", known) == "amount");   // neighbours swapped
    CHECK(closest("amout", known) == "amount");    // one missing
    CHECK(closest("amountt", known) == "amount");  // one too many
    CHECK(closest("AMOUNT", known) == "amount");
    CHECK(closest("mount_of", known).empty());
    CHECK(closest("y", known).empty());            // a single letter says nothing
    CHECK(closest(std::string(100'000, 'a'), {std::string(100'000, 'b')}).empty());
}

TEST_CASE("no advice weakens a guarantee") {
    for (const std::string weaker : {"by anyone", "anyone`", "remove the `require", "remove the invariant", "without `by`", "remove `move"}) {
        CAPTURE(weaker);
#define DIAG(name, code, what, why, fix)                           \
    if (std::string_view(code) != "T3007" || weaker != "remove `move") CHECK(!has(fix, weaker));
#include "compiler/diag/kinds.def"
#undef DIAG
    }
    const auto c = checked("contract C {\n role lead: Party;\n lifecycle { initial A; A -> B; final B; }\n create(lead: Party) by lead { become A; }\n"
                           " action end() in A { become B; }\n}\n");
    const auto all = c->sink.sorted();
    REQUIRE(all.size() == 1);
    for (const auto& s : all[0].suggestions) CHECK(s.edits.at(0).replacement == "by lead ");
}
