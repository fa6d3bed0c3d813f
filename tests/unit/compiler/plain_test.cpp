// Programs of tests/golden/plain: each begins with `; exit N`, `; trap NAME` or `; refused TOPIC: what in where`.
#include "tests/unit/compiler/plain_kit.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace {

using namespace tally;

std::string outcome_of(const std::string& ir) {
    auto compiled = compile_plain(ir, "golden");
    if (const auto* refusal = std::get_if<Refusal>(&compiled)) return "; refused " + refusal->topic + ": " + refusal->what + " in " + refusal->where;
    plain_kit::Running running(ir);
    const auto outcome = running.call("main", {});
    if (outcome.trap == Trap::None) return "; exit " + std::to_string(outcome.x & 0xff);
    if (outcome.trap == Trap::Exit) return "; exit " + std::to_string(*running.arena().at(self_address, 1));
    return "; trap " + std::string(trap_info(outcome.trap)->name);
}

} // namespace

TEST_CASE("programs in plain IR end as their first line says") {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(TALLY_SOURCE_DIR "/tests/golden/plain")) files.insert(entry.path());
    for (const auto& file : files) {
        std::ifstream in(file);
        std::stringstream text;
        text << in.rdbuf();
        const std::string ir = text.str(), wanted = ir.substr(0, ir.find('\n'));
        SUBCASE(file.filename().c_str()) { CHECK(outcome_of(ir) == wanted); }
    }
    CHECK(files.size() >= 20);
}

TEST_CASE("what is no IR is refused") {
    const auto topic = [](const std::string& text) {
        const auto got = compile_plain(text, "x");
        const auto* refusal = std::get_if<Refusal>(&got);
        return refusal == nullptr ? "" : refusal->topic;
    };
    CHECK(topic("define") == "not LLVM IR");
    CHECK(topic("define i32 @main() { ret i64 0 }") == "not LLVM IR");
    CHECK(topic("target datalayout = \"E-p:64:64\"") == "memory");
    CHECK(topic("target datalayout = \"e-p:32:32\"") == "memory");
    CHECK(topic(plain_kit::layout + "@a = global [60000000 x i8] zeroinitializer") == "size");
    CHECK(topic(plain_kit::layout + "@a = global [300000 x i8] c\"" + std::string(300000, 'a') + "\"") == "size");
}

TEST_CASE("one program gives one module") {
    const std::string ir = plain_kit::layout + "@f = global ptr @g\n@x = global i32 7\ndefine i32 @g(i32 %a) {\n  %v = load i32, ptr @x\n  %r = add i32 %a, %v\n  ret i32 %r\n}\n";
    const auto first = compile_plain(ir, "x"), second = compile_plain(ir, "x");
    REQUIRE(std::holds_alternative<Module>(first));
    CHECK(std::get<Module>(first) == std::get<Module>(second));
    CHECK(std::get<Module>(first).program.table == std::vector<std::uint32_t>{0});
}
