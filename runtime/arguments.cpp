#include "runtime/arguments.hpp"

#include "runtime/json_reader.hpp"
#include "runtime/json_text.hpp"
#include "vm/value/currency.hpp"

#include <algorithm>

namespace tally {

const Entry* find_entry(const Contract& contract, std::string_view name) {
    const auto found = std::find_if(contract.entries.begin(), contract.entries.end(), [name](const Entry& entry) { return entry.name == name; });
    return found == contract.entries.end() ? nullptr : &*found;
}

const Contract* find_contract(const Module& module, std::string_view name) {
    const auto found = std::find_if(module.contracts.begin(), module.contracts.end(), [name](const Contract& one) { return one.name == name; });
    return found == module.contracts.end() ? nullptr : &*found;
}

std::variant<Bytes, std::string> arguments_of_json(const Program& program, const Entry& entry, std::string_view json, int money_exponent,
                                                   const PartyByName& party) {
    const auto tree = parse_json(json.empty() ? "{}" : json);
    if (!tree || tree->kind != Json::Kind::Object) return std::string("the arguments are a JSON object: {\"parameter\": value, …}");
    ByteWriter out;
    std::size_t used = 0;
    for (const Field& parameter : entry.params) {
        const Type& type = program.module.types[parameter.type];
        if (type.kind == TypeKind::Cash) continue;
        const Json* const value = tree->member(parameter.name);
        if (value == nullptr && type.kind != TypeKind::Optional) return "`" + std::string(parameter.name) + "` is missing for `" + entry.name + "`";
        used += value != nullptr ? 1U : 0U;
        const auto problem = bytes_of_json(program, parameter.type, value != nullptr ? json_text(*value) : "null", money_exponent, party, out);
        if (problem) return "`" + std::string(parameter.name) + "`: " + *problem;
    }
    if (used == tree->items.size()) return out.take();
    for (const std::string& name : tree->names)
        if (std::none_of(entry.params.begin(), entry.params.end(), [&](const Field& parameter) { return parameter.name == name; }))
            return "`" + entry.name + "` has no parameter `" + name + "`; see the module's interface";
    return "`" + entry.name + "` takes money by `cash`, not as an argument";
}

int money_exponent(std::uint32_t currency) {
    const auto known = currency_by_code(currency);
    return known ? known->exponent : 2;
}

} // namespace tally
