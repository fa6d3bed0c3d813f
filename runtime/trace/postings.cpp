// What becomes of a body's changes of balances, elements and records: postings, and what each is the sum of.
#include "runtime/trace/tracer.hpp"

#include "runtime/assets.hpp"
#include "runtime/keys.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally {
namespace {

bool is_sum(const LineageNode& node) { return node.kind == LineageNode::Kind::Operation && (node.op == Op::AddCheckedW || node.op == Op::AddW); }
bool is_difference(const LineageNode& node) { return node.kind == LineageNode::Kind::Operation && (node.op == Op::SubCheckedW || node.op == Op::SubW); }

/// A value of the state in memory; empty when there is none or it does not decode.
std::vector<std::uint8_t> laid_out(const Program& program, std::uint32_t type, const std::optional<Bytes>& bytes) {
    if (!bytes) return {};
    std::vector<std::uint8_t> out(program.facts.layouts[type].size);
    ByteReader in(*bytes);
    return decode_value(program, type, in, out.data()) ? out : std::vector<std::uint8_t>();
}

/// `name[key]`, the key as it stands in the state.
std::string keyed(const std::string& name, const Program& program, std::uint32_t key_type, ByteReader& key, const Names& names) {
    std::vector<std::uint8_t> at(program.facts.layouts[key_type].size);
    if (!key_from_bytes(program, key_type, key, at.data())) return name;
    return name + "[" + key_text(program, key_type, at.data(), names) + "]";
}

/// `reserve[lead]`, out of the key of the state.
std::string vault_path(const OpenInstance& self, const Bytes& key, const Names& names) {
    ByteReader in(key);
    (void)in.u8();
    (void)in.u64be();
    const ContractField& field = self.contract->fields[in.u32be()];
    const Type& type = self.program().module.types[field.type];
    return type.kind == TypeKind::Map ? keyed(field.name, self.program(), type.key, in, names) : field.name;
}

} // namespace

/// `owed[…]`, out of the key of the state.
std::string Tracer::element_path(const OpenInstance& holder, std::uint32_t field, std::uint32_t key_type, const Bytes& key, const Names& names) {
    ByteReader in(ByteView(key).subspan(keys::element(holder.id, field, {}).size()));
    const std::string& name = holder.contract->fields[field].name;
    return key_type == none ? name + "[" + int_text(i128{in.i64be()}) + "]" : keyed(name, holder.program(), key_type, in, names);
}

void Tracer::post(Posting posting) {
    posting.item = item();
    postings_.push_back(std::move(posting));
}

/// A node that has this value: the one that is known, or one that says that nothing is.
NodeId Tracer::having(NodeId node, i128 value) {
    if (node != 0 && nodes_[node].value == value) return node;
    nodes_.push_back({.kind = LineageNode::Kind::Unknown, .unit = NumberUnit::Money, .value = value}); // also where a lineage is full
    return static_cast<NodeId>(nodes_.size() - 1);
}

void Tracer::balance(const BalanceChange& change) {
    Posting posting{.kind = Posting::Kind::Account, .id = change.account, .currency = change.currency, .before = change.before, .after = change.after};
    std::string place = "account " + std::to_string(change.account);
    if (change.vault != nullptr) {
        const OpenInstance& self = *runs_.back().memory->self;
        posting.kind = Posting::Kind::Vault;
        posting.id = self.id;
        posting.path = vault_path(self, change.vault->key, names_for(change.currency));
        place = "`" + posting.path + "` of instance " + std::to_string(self.id);
    }
    if (following()) {
        const bool out = posting.change() < 0;
        const i128 by = out ? -posting.change() : posting.change();
        const NodeId node = having(change.holding == 0 ? add({.kind = LineageNode::Kind::Argument, .unit = NumberUnit::Money, .value = by, .what = "amount"}) : holdings_[change.holding], by);
        posting.places = places();
        posting.terms.push_back({out, node});
        if (out && change.holding != 0) // the money says from now on where it was
            holdings_[change.holding] = add_here({.kind = LineageNode::Kind::Taken, .unit = NumberUnit::Money, .value = by, .inputs = {node}, .what = place});
    }
    post(std::move(posting));
}

bool Tracer::add_up(const std::vector<Posting::Term>& terms, i128 change) const {
    i128 sum = 0;
    for (const Posting::Term& term : terms) sum += term.minus ? -nodes_[term.node].value : nodes_[term.node].value;
    return sum == change;
}

/// What was added to the old value and taken off it; where that is not how the new one came to be, the new one and
/// then the old one taken off. `old`: what is known of the old value.
std::vector<Posting::Term> Tracer::terms_of(const Posting& posting, NodeId after, LineageNode old) {
    const i128 before = posting.before.value_or(0);
    const auto is_origin = [&](NodeId id) {
        const LineageNode& node = nodes_[id];
        if (before == 0 && node.kind == LineageNode::Kind::Constant && node.value == 0) return true;
        return node.kind == old.kind && node.instance == old.instance && node.what == old.what && node.value == before;
    };
    std::vector<Posting::Term> terms;
    if (posting.after) {
        NodeId at = after = having(after, *posting.after);
        for (; !is_origin(at);) {
            const LineageNode& node = nodes_[at];
            if (is_sum(node) && is_origin(node.inputs[1])) {
                terms.push_back({false, node.inputs[0]});
                at = node.inputs[1];
            } else if (is_sum(node) || is_difference(node)) {
                terms.push_back({is_difference(node), node.inputs[1]});
                at = node.inputs[0];
            } else {
                break;
            }
        }
        if (is_origin(at) && add_up(terms, posting.change())) {
            std::reverse(terms.begin(), terms.end());
            return terms;
        }
        terms = {{false, after}};
    }
    old.value = before;
    if (before != 0) terms.push_back({true, having(add(std::move(old)), before)});
    return terms;
}

void Tracer::element(const ElementChange& change) {
    if (change.value_type == none) return;
    const OpenInstance& holder = change.holder;
    const Program& program = holder.program();
    const Names names = names_for(holder.header.currency);
    const std::string path = element_path(holder, change.field, change.key_type, change.key, names);
    struct Both {
        std::optional<i128> before, after;
        NodeId node = 0;
    };
    std::map<std::string, Both> both;
    const auto figures_in = [&](const std::vector<std::uint8_t>& value) {
        Figures out;
        if (!value.empty()) add_figures(program, change.value_type, value.data(), path, 0, names, out);
        return out;
    };
    const auto old = laid_out(program, change.value_type, change.before), now = laid_out(program, change.value_type, change.after);
    for (const auto& [offset, figure] : figures_in(old))
        if (figure.is_money()) both[figure.path].before = figure_value(figure, old.data() + offset);
    std::map<u64, NodeId>& written = elements_[change.key];
    written.clear();
    for (const auto& [offset, figure] : figures_in(now)) {
        const i128 value = figure_value(figure, now.data() + offset);
        written[offset] = load(memories_[holder.id], change.address + offset, value);
        if (!figure.is_money()) continue;
        both[figure.path].after = value;
        both[figure.path].node = written[offset];
    }
    for (const auto& [name, one] : both) {
        Posting posting{.kind = Posting::Kind::Element, .id = holder.id, .path = name, .currency = holder.header.currency, .before = one.before, .after = one.after};
        if (posting.change() == 0) continue;
        if (following()) {
            posting.places = places();
            posting.terms = terms_of(posting, one.node, {.kind = LineageNode::Kind::Element, .unit = NumberUnit::Money, .what = name, .instance = holder.id, .row = change.key, .after = body_after_});
        }
        post(std::move(posting));
    }
}

void Tracer::record(const OpenInstance& self) {
    const auto found = memories_.find(self.id);
    if (found == memories_.end()) return;
    Memory& memory = found->second;
    std::map<std::string, i128> before;
    if (!self.created)
        for (const auto& [address, figure] : memory.figures)
            if (figure.is_money()) before[figure.path] = figure_value(figure, memory.start.data() + (address - self_address));
    const auto post_one = [&](const std::string& path, std::optional<i128> was, std::optional<i128> is, u64 address) {
        Posting posting{.kind = Posting::Kind::Field, .id = self.id, .path = path, .currency = self.header.currency, .before = was, .after = is};
        if (posting.change() == 0) return;
        if (following()) {
            if (const auto by = memory.written.find(address); by != memory.written.end()) posting.places = places_[by->second];
            posting.terms = terms_of(posting, is ? load(memory, address, *is) : 0, {.kind = LineageNode::Kind::Field, .unit = NumberUnit::Money, .what = path, .instance = self.id, .row = keys::instance(self.id), .after = body_after_});
        }
        post(std::move(posting));
    };
    for (const auto& [address, figure] : figures_of_record(self)) {
        if (!figure.is_money()) continue;
        const auto was = before.find(figure.path);
        const std::optional<i128> old = was == before.end() ? std::nullopt : std::optional(was->second);
        if (was != before.end()) before.erase(was);
        post_one(figure.path, old, figure_value(figure, self.record() + (address - self_address)), address);
    }
    for (const auto& [path, value] : before) post_one(path, value, std::nullopt, 0);
}

} // namespace tally
