#include "vm/engine/interpreter.hpp"
#include "vm/engine/native/native.hpp"

namespace tally {

std::variant<std::shared_ptr<const Program>, VerifyError> load(Module module, Hash hash, Prepare prepare) {
    auto verified = verify(module);
    if (auto* error = std::get_if<VerifyError>(&verified)) return std::move(*error);
    auto program = std::make_shared<Program>();
    program->module = std::move(module);
    program->facts = std::move(std::get<Verified>(verified));
    program->hash = hash;
    program->engine = interpret;
    const auto& functions = program->module.functions;
    for (std::size_t i = 0; i < functions.size(); ++i)
        program->code.push_back(thread_code(functions[i], program->facts.block_gas[i]));
    if (prepare != nullptr) prepare(*program);
    return std::shared_ptr<const Program>(std::move(program));
}

std::shared_ptr<const Program> with_engine(const Program& program, Prepare prepare) {
    auto out = std::make_shared<Program>();
    out->module = program.module;
    out->facts = program.facts;
    out->hash = program.hash;
    out->code = program.code;
    out->engine = interpret;
    if (prepare != nullptr) prepare(*out);
    return out;
}

const NamedEngine* engine_by_name(std::string_view name) {
    static constexpr NamedEngine engines[] = {{"interpreter", nullptr}, {"template", use_native_code}};
    for (const NamedEngine& engine : engines)
        if (engine.name == name) return &engine;
    return nullptr;
}

} // namespace tally
