/// Programs of the tests: IR as text, compiled, verified and called.
#pragma once

#include "compiler/plain/plain.hpp"
#include "vm/bytecode/layout.hpp"
#include "vm/engine/lone_host.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace tally::plain_kit {

inline const std::string layout = "target datalayout = \"e-m:e-i64:64-i128:128-n8:16:32:64-S128\"\n";

class Running {
public:
    explicit Running(const std::string& ir) : arena_(64) {
        auto compiled = compile_plain(ir, "test");
        if (const auto* refusal = std::get_if<Refusal>(&compiled)) FAIL(refusal->topic << ": " << refusal->what << " in " << refusal->where);
        auto loaded = load(std::move(std::get<Module>(compiled)), {});
        if (const auto* error = std::get_if<VerifyError>(&loaded)) FAIL(error->what);
        program_ = std::get<std::shared_ptr<const Program>>(loaded);
        arena_.resize(program_->module.program.memory + 1024 * 1024);
        if (const auto& data = program_->module.program.data; !data.empty()) std::copy(data.begin(), data.end(), arena_.at(self_address, data.size()));
    }

    Outcome call(const std::string& name, const Arguments& arguments) {
        const auto& functions = program_->module.functions;
        const auto found = std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == name; });
        if (found == functions.end()) FAIL("no function " << name);
        Gas gas{1'000'000'000};
        LoneHost nobody(Trap::BadCall); // programs of `tally ir` call nobody
        return run(*program_, static_cast<std::uint32_t>(found - functions.begin()), arguments, program_->module.program.memory, arena_, gas, nobody);
    }
    [[nodiscard]] const Arena& arena() const { return arena_; }

private:
    std::shared_ptr<const Program> program_;
    Arena arena_;
};

} // namespace tally::plain_kit
