#include "node/arguments.hpp"

#include "node/json_text.hpp"
#include "runtime/json_reader.hpp"
#include "vm/value/currency.hpp"

#include <algorithm>

namespace tally {

const Entry* find_entry(const Contract& contract, std::string_view name) {
    const auto found = std::find_if(contract.entries.begin(), contract.entries.end(),
                                    [name](const Entry& entry) { return entry.name == name; });
    return found == contract.entries.end() ? nullptr : &*found;
}

const Contract* find_contract(const Module& module, std::string_view name) {
    const auto found = std::find_if(module.contracts.begin(), module.contracts.end(),
                                    [name](const Contract& one) { return one.name == name; });
    return found == module.contracts.end() ? nullptr : &*found;
}

Result<Bytes> encode_arguments(const Program& program, const Entry& entry, std::string_view json,
                               int money_exponent, const PartyByName& party) {
    const auto bad = [](std::string detail) {
        return NodeError{NodeCode::BadParameter, std::move(detail)};
    };
    const auto tree = parse_json(json.empty() ? "{}" : json);
    if (!tree || tree->kind != Json::Kind::Object)
        return bad("the arguments are a JSON object: {\"parameter\": value, …}");
    ByteWriter out;
    std::size_t used = 0;
    for (const Field& parameter : entry.params) {
        const Type& type = program.module.types[parameter.type];
        if (type.kind == TypeKind::Cash) continue;
        const Json* const value = tree->member(parameter.name);
        if (value == nullptr && type.kind != TypeKind::Optional)
            return bad("`" + parameter.name + "` is missing for `" + entry.name + "`");
        used += value != nullptr ? 1U : 0U;
        const std::string text = value != nullptr ? json_text(*value) : "null";
        const auto problem =
            bytes_of_json(program, parameter.type, text, money_exponent, party, out);
        if (problem) return bad("`" + parameter.name + "`: " + *problem);
    }
    if (used != tree->items.size())
        return bad("`" + entry.name + "` has no such parameter; see the module's interface");
    return out.take();
}

int money_exponent(std::uint32_t currency) {
    const auto known = currency_by_code(currency);
    return known ? known->exponent : 2;
}

} // namespace tally
