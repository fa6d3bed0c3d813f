#include "node/postings.hpp"

#include "runtime/arguments.hpp"
#include "runtime/json_text.hpp"
#include "runtime/trace/words.hpp"
#include "vm/bytecode/listing.hpp"
#include "vm/value/currency.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace tally {
namespace {

constexpr std::size_t nodes_shown_max = 2000;
// How far back it is looked for who wrote a value that was there before.
constexpr std::size_t blocks_searched_max = 16, items_searched_max = 2000;

std::optional<u64> number_in(std::string_view text) {
    u64 out = 0;
    if (text.empty() || text.size() > 18) return std::nullopt;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        out = out * 10 + static_cast<u64>(c - '0');
    }
    return out;
}

std::string name_of(const Chain& chain, u64 party) {
    return chain.read([party](const Ledger& ledger, const Tip&) {
        const auto found = ledger.party(party);
        return found ? found->name : std::to_string(party);
    });
}

Tracer tracer_for(const Chain& chain, std::optional<ItemPlace> followed) {
    return Tracer([&chain](u64 party) { return name_of(chain, party); }, followed);
}

Problem run_again(const Chain& chain, const BlockRecord& block, const ItemPlace& last, Tracer& tracer) {
    Problem wrong;
    if (auto problem = chain.ask_past(block.height - 1, [&](const Chain::Past& past) { wrong = run_again(past, block, last, tracer); })) return problem;
    return wrong;
}

std::vector<Posting> postings_of(const Tracer& tracer, const ItemPlace& place) {
    std::vector<Posting> out;
    std::copy_if(tracer.postings().begin(), tracer.postings().end(), std::back_inserter(out), [&](const Posting& one) { return one.item == place; });
    return out;
}

// ---- who wrote what was there before ------------------------------------------------------------

bool wrote(const Posting& posting, const LineageNode& node) {
    const bool same_kind = posting.kind == (node.kind == LineageNode::Kind::Field ? Posting::Kind::Field : Posting::Kind::Element);
    return same_kind && posting.id == node.instance && posting.path == node.what;
}

/// The identifier of the last posting that wrote what the node was read from, of those before `end`.
std::string last_writer(const BlockRecord& block, const std::vector<Posting>& postings, std::size_t end, const LineageNode& node) {
    while (end != 0) {
        const Posting& posting = postings[--end];
        if (!wrote(posting, node)) continue;
        const auto number = std::count_if(postings.begin(), postings.begin() + static_cast<std::ptrdiff_t>(end + 1), [&](const Posting& one) { return one.item == posting.item; });
        return fmt::format("{}.{}.{}", block.height, item_number(block, posting.item), number);
    }
    return {};
}

/// By node of the lineage; those are missing that are further back than it is looked for.
class Writers {
public:
    Writers(const Chain& chain, const Tracer& tracer) : chain_(chain), tracer_(tracer) {}

    void look(const BlockRecord& block, const std::vector<NodeId>& nodes) {
        for (const NodeId id : nodes) {
            const LineageNode& node = tracer_.node(id);
            const bool money = (node.kind == LineageNode::Kind::Field || node.kind == LineageNode::Kind::Element) && node.unit == NumberUnit::Money;
            if (money) settle(block, tracer_.postings(), node.after, id);
        }
        for (std::size_t blocks = 0; blocks < blocks_searched_max && !waiting_.empty(); ++blocks) {
            const auto [height, ids] = std::move(*waiting_.begin());
            waiting_.erase(waiting_.begin());
            if (!search(height, ids)) return;
        }
    }
    [[nodiscard]] const std::string* of(NodeId id) const {
        const auto found = found_.find(id);
        return found == found_.end() ? nullptr : &found->second;
    }

private:
    void settle(const BlockRecord& block, const std::vector<Posting>& postings, std::size_t end, NodeId id) {
        const LineageNode& node = tracer_.node(id);
        std::string writer = last_writer(block, postings, end, node);
        if (!writer.empty()) found_[id] = std::move(writer);
        else if (const auto height = chain_.written_at(node.row, block.height - 1); height && *height != 0) waiting_[*height].push_back(id);
    }

    bool search(u64 height, const std::vector<NodeId>& ids) {
        const auto block = chain_.block(height);
        if (!block) return false;
        items_ += block->clauses.size() + block->transactions.size();
        const auto last = item_place(*block, block->clauses.size() + block->transactions.size());
        Tracer tracer = tracer_for(chain_, std::nullopt);
        if (items_ > items_searched_max || !last || run_again(chain_, *block, *last, tracer)) return false;
        for (const NodeId id : ids) settle(*block, tracer.postings(), tracer.postings().size(), id);
        return true;
    }

    const Chain& chain_;
    const Tracer& tracer_;
    std::map<NodeId, std::string> found_;
    std::map<u64, std::vector<NodeId>, std::greater<>> waiting_; ///< by the height that wrote the row, the last first
    std::size_t items_ = 0;
};

// ---- as JSON ------------------------------------------------------------------------------------

constexpr std::string_view kinds[] = {"account", "vault", "field", "element"};

std::string amount(const std::optional<i128>& value, int exponent) { return value ? json_quoted(decimal_text(*value, exponent)) : "null"; }

std::string posting_json(const Posting& posting, const std::string& item, std::size_t number) {
    const int exponent = money_exponent(posting.currency);
    JsonArray places;
    for (const CodePlace& place : posting.places) {
        JsonObject one;
        one.number("instance", place.instance).text("module", place.program->module.name).text("contract", place.contract->name);
        one.text("function", place.program->module.functions[place.function].name).number("line", u64{place.line});
        if (place.entry != nullptr) one.text("entry", place.entry->name).text("law", place.entry->law.str());
        places.raw(one.done());
    }
    return JsonObject()
        .text("id", fmt::format("{}.{}", item, number))
        .text("kind", kinds[static_cast<std::size_t>(posting.kind)])
        .number(posting.kind == Posting::Kind::Account ? "account" : "instance", posting.id)
        .text("path", posting.path)
        .text("currency", currency_name(posting.currency))
        .raw("before", amount(posting.before, exponent))
        .raw("after", amount(posting.after, exponent))
        .raw("change", amount(posting.change(), exponent))
        .raw("places", places.done())
        .done();
}

constexpr std::string_view node_kinds[] = {"constant", "unknown", "field", "element", "balance", "argument", "operation", "call", "part", "accrued", "taken", "rest", "joined"};

std::string node_json(const Tracer& tracer, NodeId id, int exponent, const Writers& writers) {
    const LineageNode& node = tracer.node(id);
    JsonArray inputs;
    for (const NodeId input : node.inputs) inputs.raw(json_number(u64{input}));
    JsonObject out;
    out.number("node", u64{id}).text("kind", node_kinds[static_cast<std::size_t>(node.kind)]).text("value", value_text(node, exponent));
    out.text("words", words_of(tracer, id, exponent)).raw("inputs", inputs.done());
    if (node.mode) out.text("rounding", listing::rounding_names[static_cast<std::size_t>(*node.mode)]);
    if (const std::string* const writer = writers.of(id)) out.text("since", *writer);
    if (node.function != none) out.text("module", node.program->module.name).text("function", node.program->module.functions[node.function].name).number("line", u64{node.line});
    return out.done();
}

/// The terms, and every node below them once.
struct Lineage {
    std::vector<NodeId> nodes;
    bool cut = false; ///< there are more
};

Lineage lineage_of(const Tracer& tracer, const Posting& posting) {
    Lineage out{{}, tracer.is_cut()};
    std::set<NodeId> seen;
    const auto add = [&](NodeId id) {
        if (seen.insert(id).second) out.nodes.push_back(id);
    };
    for (const Posting::Term& term : posting.terms) add(term.node);
    for (std::size_t at = 0; at < out.nodes.size(); ++at)
        for (const NodeId input : tracer.node(out.nodes[at]).inputs) add(input);
    out.cut = out.cut || out.nodes.size() > nodes_shown_max;
    out.nodes.resize(std::min(out.nodes.size(), nodes_shown_max));
    return out;
}

std::string lineage_json(const Tracer& tracer, const Posting& posting, const Lineage& lineage, const Writers& writers) {
    const int exponent = money_exponent(posting.currency);
    JsonArray terms, nodes;
    for (const Posting::Term& term : posting.terms) terms.raw(JsonObject().text("sign", term.minus ? "-" : "+").number("node", u64{term.node}).done());
    for (const NodeId id : lineage.nodes) nodes.raw(node_json(tracer, id, exponent, writers));
    return "\"terms\": " + terms.done() + ", \"nodes\": " + nodes.done() + ", \"cut\": " + (lineage.cut ? "true" : "false");
}

std::string item_json(const Chain& chain, const BlockRecord& block, const ItemPlace& place) {
    JsonObject out;
    out.text("item", fmt::format("{}.{}", block.height, item_number(block, place))).text("date", date_text(block.date));
    const auto outcome = [&](const Receipt& receipt) {
        const TrapInfo* const trap = trap_info(receipt.trap);
        out.text("trap_name", trap != nullptr ? trap->name : "None").number("gas_used", receipt.gas_used);
    };
    if (place.is_clause) {
        const ClauseRun& run = block.clauses[place.index];
        out.text("kind", "clause").number("instance", run.instance).text("clause", run.clause).text("clause_date", date_text(run.date));
        outcome(run.receipt);
        return out.done();
    }
    JsonArray signers;
    if (const auto transaction = decode_envelope(block.transactions[place.index]))
        for (const PartyId signer : transaction->transaction.signers) signers.raw(json_quoted(name_of(chain, signer)));
    out.text("kind", "transaction").text("tx", hex(block.ids[place.index].id)).text("intent", hex(block.ids[place.index].intent)).raw("signers", signers.done());
    outcome(block.receipts[place.index]);
    return out.done();
}

} // namespace

Result<PostingId> posting_id(const Chain& chain, std::string_view text) {
    const NodeError malformed{NodeCode::BadParameter, "a posting is HEIGHT.ITEM.NUMBER, all from 1; HEIGHT.ITEM or an intent stands for all of an item"};
    Bytes bytes;
    IntentId intent{};
    if (unhex(text, bytes) && bytes.size() == intent.size()) {
        std::copy(bytes.begin(), bytes.end(), intent.begin());
        const auto place = chain.place_of(intent);
        const auto block = place ? chain.block(place->height) : std::nullopt;
        if (!block) return NodeError{NodeCode::NotFound, "no block holds this intent"};
        return PostingId{place->height, block->clauses.size() + place->position + 1, 0};
    }
    PostingId out;
    u64* const parts[] = {&out.height, &out.item, &out.number};
    for (std::size_t count = 0; count < 3; ++count) {
        const std::size_t dot = text.find('.');
        const auto part = number_in(text.substr(0, dot));
        if (!part || *part == 0) return malformed;
        *parts[count] = *part;
        if (dot == std::string_view::npos) return count == 0 ? Result<PostingId>(malformed) : out;
        text.remove_prefix(dot + 1);
    }
    return malformed;
}

namespace {

NodeError missing(std::string what) { return {NodeCode::NoSuchPosting, std::move(what)}; }
NodeError not_yours() { return {NodeCode::NotAllowed, "only an institution that may ask for its account or instance, and regulators"}; }

Result<std::string> list_json(const std::string& item, const std::vector<Posting>& postings, const PostingReader& reader) {
    JsonArray all;
    bool any = reader.of_item;
    for (std::size_t i = 0; i < postings.size(); ++i) {
        if (!reader.may_read(postings[i])) continue;
        any = true;
        all.raw(posting_json(postings[i], item, i + 1));
    }
    if (!any) return not_yours();
    return "\"postings\": " + all.done();
}

} // namespace

Result<std::string> explain_postings(const Chain& chain, const PostingId& id, const PostingReader& reader) {
    const auto block = chain.block(id.height);
    if (!block) return missing(fmt::format("there is no block {}", id.height));
    const auto place = item_place(*block, id.item);
    if (!place) return missing(fmt::format("block {} has {} items", id.height, block->clauses.size() + block->transactions.size()));
    Tracer tracer = tracer_for(chain, *place);
    if (auto problem = run_again(chain, *block, *place, tracer)) return *problem;
    const std::string item = fmt::format("{}.{}", id.height, id.item), head = "\"item\": " + item_json(chain, *block, *place) + ", ";
    const std::vector<Posting> postings = postings_of(tracer, *place);
    if (id.number == 0) {
        auto list = list_json(item, postings, reader);
        if (list) *list = head + *list;
        return list;
    }
    if (postings.empty()) return missing(fmt::format("item {} posted nothing", item));
    if (id.number > postings.size()) return missing(fmt::format("item {} has {} postings", item, postings.size()));
    const auto at = static_cast<std::size_t>(id.number - 1);
    if (!reader.may_read(postings[at])) return not_yours();
    const Lineage lineage = lineage_of(tracer, postings[at]);
    Writers writers(chain, tracer);
    writers.look(*block, lineage.nodes);
    return head + "\"posting\": " + posting_json(postings[at], item, at + 1) + ", " + lineage_json(tracer, postings[at], lineage, writers);
}

} // namespace tally
