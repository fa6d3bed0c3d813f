// What no golden file can hold: files that cannot be read, and text built to be too much.
#include "compiler/compile.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace {

using namespace tally;

std::string first_code(const Compilation& c) {
    const auto all = c.sink.sorted();
    return all.empty() ? "none" : std::string(diag_info(all[0].kind).code);
}
std::string code_of(const std::string& body) { return first_code(*check_text("test.tally", "module a.b version 1;\n" + body)); }
std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}
std::string returns(const std::string& expression) { return "fn f() -> Int { return " + expression + "; }"; }

} // namespace

TEST_CASE("a file that is not there, a folder, a device") {
    CHECK(first_code(*check_file("no/such/file.tally")) == "T1001");
    CHECK(first_code(*check_file("/")) == "T1001");
    CHECK(first_code(*check_file("/dev/zero")) == "T1001");
}

TEST_CASE("a source of 1 MiB is read, one byte more is refused") {
    const auto path = (std::filesystem::temp_directory_path() / "tally_limit.tally").string();
    const std::string start = "module a.b version 1;\n";
    const auto write = [&](std::size_t size) {
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out << start << std::string(size - start.size(), ' ');
    };
    write(source_bytes_max);
    CHECK(first_code(*check_file(path)) == "none");
    write(source_bytes_max + 1);
    CHECK(first_code(*check_file(path)) == "T1001");
    CHECK(first_code(*check_text("big", start + std::string(source_bytes_max, ' '))) == "T1002");
    std::filesystem::remove(path);
}

TEST_CASE("text that is not clean UTF-8") {
    for (const std::string bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x01", "\xe2\x80\xae", "\xef\xbb\xbf"})
        CHECK(code_of("// " + bad + "\n") == "T1003");
    CHECK(code_of("// caf\xc3\xa9 \xe9\x87\x91\n") == "none");
    CHECK(code_of(std::string("// a\0b\n", 7)) == "T1003");
}

TEST_CASE("nesting up to the limit, and far beyond it") {
    const auto brackets = [&](std::size_t n) { return returns(repeated("(", n) + "1" + repeated(")", n)); };
    CHECK(code_of(brackets(nesting_max - 1)) == "none");
    CHECK(code_of(brackets(nesting_max + 1)) == "T1005");
    CHECK(code_of(brackets(100'000)) == "T1005");
    CHECK(code_of(returns(repeated("[", 100'000))) == "T1005");
    CHECK(code_of("fn f() -> Int { " + repeated("if true { ", 100'000)) == "T1005");
    CHECK(code_of(returns(repeated("- ", 100'000) + "1")) == "T1005");
    CHECK(code_of(returns(repeated("not ", 100'000) + "true")) == "T1005");
    CHECK(code_of(returns("1" + repeated(" + 1", 100'000))) == "T1005");
    CHECK(code_of(returns("a" + repeated(".b", 100'000))) == "T1005");
    CHECK(code_of("fn f() -> Int { if true { return 1; } " + repeated("else if true { return 1; } ", 10'000) + "return 1; }") == "T1005");
    CHECK(code_of("record R { x: " + repeated("List<", 100'000) + "Int; }") == "T1005");
    CHECK(code_of(repeated("fn f() -> Int { return 1; }\n", 10'000)) == "T2009");
}

TEST_CASE("text that would take for ever if its length were squared or its shape unfolded") {
    CHECK(code_of(repeated("/* ", 200'000)) == "T1008");
    CHECK(code_of("/* closed */ fn f() -> Int { return 1; } // /* not one\nerror E \"/* nor this\";") == "none");
    std::string doubling;
    for (int i = 0; i < 60; ++i) {
        const auto next = "R" + std::to_string(i + 1);
        doubling += "record R" + std::to_string(i) + " { a: " + next + "; b: " + next + "; }\n";
    }
    CHECK(check_text("test.tally", "module a.b version 1;\n" + doubling + "record R60 { a: Int; }\n") != nullptr);
}

TEST_CASE("a source of 1 MiB of one sign, of one statement, of quotes") {
    const auto filled = [](const std::string& start, const std::string& text) { return start + repeated(text, (source_bytes_max - start.size() - 100) / text.size()); };
    CHECK(code_of(filled("", ";")) == "T1007");
    CHECK(code_of(filled("", "{")) == "T1005");
    CHECK(code_of(filled("", "'")) == "T1005");
    CHECK(code_of(filled("enum E { ", "a;")) == "T1027");
    CHECK(code_of(filled("", "fn f() -> Int { let x = 1 return x; }\n")) == "T1006");
}

TEST_CASE("a module that needs more instructions than one may have") {
    std::string body = "contract C {\n    role owner: Party;\n    var m: Amount<USD> = 0.00 USD;\n    lifecycle { initial A; A -> B; final B; }\n"
                       "    create(owner: Party) by owner { become A; }\n    action end() by owner in A { become B; }\n";
    for (int i = 0; i < 700; ++i)
        body += "    action a" + std::to_string(i) + "(x: Amount<USD>, r: Rate) by owner in A {\n" + repeated("        m += round(x * r / 365, half_even);\n", 12) + "    }\n";
    const auto c = check_text("test.tally", "module a.b version 1;\n" + body + "}\n");
    REQUIRE(first_code(*c) == "none");
    CHECK(build(*c, Tests::Leave, Optimise::Full).bytes.empty());
    CHECK(first_code(*c) == "T7004");
}

TEST_CASE("a name of 255 bytes, and of 256") {
    CHECK(code_of("fn " + std::string(255, 'a') + "() -> Int { return 1; }") == "none");
    CHECK(code_of("fn " + std::string(256, 'a') + "() -> Int { return 1; }") == "T1009");
}

TEST_CASE("nothing from a file reaches a terminal as a command") {
    CHECK(printable("a\x1b[31mb\tc\nd") == "a?[31mb c?d");
    CHECK(printable("caf\xc3\xa9 \xe9\x87\x91") == "caf\xc3\xa9 \xe9\x87\x91");
    CHECK(printable("\xe2\x80\xae\xc2\x9b\xff") == "???");
}

TEST_CASE("imports cannot leave the folder or the standard library") {
    CHECK(code_of("import a.b { x };") == "T2028"); // itself
    CHECK(code_of("import no.such { x };") == "T2013");
}

TEST_CASE("every message has a code of its own form, a text, and can be looked up") {
#define DIAG(name, code, what, why, fix)              \
    CHECK(diag_by_code(code) == &diag_info(Diag::name)); \
    CHECK(std::string_view(what).size() > 4);
#include "compiler/diag/kinds.def"
#undef DIAG
    CHECK(diag_by_code("T0000") == nullptr);
}
