#include "vm/bytecode/encode.hpp"

#include "vm/bytecode/codec.hpp"

#include <bit>

namespace tally {
namespace {

class Writer {
public:
    void text(const std::string& v, std::size_t) {
        number(v.size());
        if (!v.empty()) out_.raw({reinterpret_cast<const std::uint8_t*>(v.data()), v.size()});
    }
    void bytes(const Bytes& v, std::size_t) { out_.bytes(v); }
    /// Most numbers are one byte.
    template <typename N> void number(N v) {
        if (v < 0x80)
            out_.u8(static_cast<std::uint8_t>(v));
        else
            out_.uvarint(v);
    }
    /// One more, so that `none` is a single zero byte.
    void index(std::uint32_t v) { number(static_cast<std::uint32_t>(v + 1)); }
    void parts(std::uint32_t key, std::uint32_t element, std::uint32_t max) {
        index(key);
        index(element);
        number(max);
    }
    void word(u64 v) { number(v); }
    void flag(bool v) { out_.u8(v ? 1 : 0); }
    template <typename E> void pick(E v, unsigned) { out_.u8(static_cast<std::uint8_t>(v)); }
    void integer(i64 v) { out_.varint(v); }
    void wide(i128 v) { out_.varint128(v); }
    void hash(const Hash& v) { out_.raw(v); }
    void code(const std::vector<Instruction>& v, std::size_t) {
        out_.uvarint(v.size());
        if constexpr (std::endian::native == std::endian::little) {
            out_.raw({reinterpret_cast<const std::uint8_t*>(v.data()), v.size() * sizeof(Instruction)});
        } else {
            for (Instruction in : v) {
                in.imm = static_cast<std::int32_t>(__builtin_bswap32(static_cast<std::uint32_t>(in.imm)));
                out_.raw({reinterpret_cast<const std::uint8_t*>(&in), sizeof in});
            }
        }
    }
    void names(const NameList& v, std::size_t) {
        number(v.size());
        for (const std::string_view name : v) out_.text(name);
    }
    void fields(const FieldList& v, std::size_t) {
        number(v.size());
        for (const Field field : v) {
            out_.text(field.name);
            number(field.type);
        }
    }
    void text(const RareText& v, std::size_t) { out_.text(v.view()); }
    void words(const Words& v, std::size_t) {
        number(v.size());
        for (const std::uint32_t word : v) number(word);
    }
    template <typename List, typename Each>
    void list(const List& v, std::size_t, const Each& each) {
        number(v.size());
        for (const auto& item : v)
            each(*this, item);
    }
    bool enter(std::size_t) { return true; }
    void leave() {}

    ByteWriter& out() { return out_; }

private:
    ByteWriter out_;
};

} // namespace

Bytes encode(const Module& module) {
    Writer writer;
    writer.out().raw(codec::magic);
    writer.out().uvarint(isa_version);
    writer.out().uvarint(gas_schedule_version);
    codec::module(writer, module);
    return writer.out().take();
}

Hash module_hash(ByteView canonical) { return tagged_hash("tally/module", canonical); }

} // namespace tally
