#include "vm/engine/machine.hpp"

namespace tally {
namespace {

std::vector<Decoded> decode_code(const Function& function, const std::vector<i64>& block_gas) {
    std::vector<std::int32_t> heads;
    for (std::size_t i = 0; i < function.code.size(); ++i)
        if (function.code[i].op == Op::Block) heads.push_back(static_cast<std::int32_t>(i));
    std::vector<Decoded> out;
    out.reserve(function.code.size());
    std::size_t block = 0;
    for (const Instruction& in : function.code) {
        Decoded d{static_cast<std::uint16_t>(in.op), in.a, in.b, in.c, in.imm, op_info(in.op).gas};
        if (op_is_branch(in.op)) d.imm = heads[static_cast<std::size_t>(in.imm)];
        // A block has at most limits::block_instructions, so its gas fits 32 bits.
        if (in.op == Op::Block) {
            d.gas = block_gas[block++];
            d.imm = static_cast<std::int32_t>(d.gas);
        }
        out.push_back(d);
    }
    return out;
}

} // namespace

std::variant<std::shared_ptr<const Program>, VerifyError> load(Module module, Hash hash) {
    auto verified = verify(module);
    if (auto* error = std::get_if<VerifyError>(&verified)) return std::move(*error);
    auto program = std::make_shared<Program>();
    program->module = std::move(module);
    program->facts = std::move(std::get<Verified>(verified));
    program->hash = hash;
    program->engine = interpret;
    const auto& functions = program->module.functions;
    for (std::size_t i = 0; i < functions.size(); ++i)
        program->code.push_back(decode_code(functions[i], program->facts.block_gas[i]));
    return std::shared_ptr<const Program>(std::move(program));
}

} // namespace tally
