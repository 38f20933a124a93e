#include "wallet/labels/sealed_labels.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/crypto/hkdf.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/sha256.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "ledger/sealing/chunk.hpp"

#include <algorithm>

namespace wallet {
namespace {

using ledger::Bytes;
using ledger::Hash;

constexpr std::uint16_t none = 0xffff;
constexpr std::size_t row_bytes = 3;

Hash salt_of(const Hash& seed, std::uint32_t item)
{
    Bytes bytes(seed.bytes.begin(), seed.bytes.end());
    ledger::append_big_endian(bytes, item);
    return ledger::sha256(bytes);
}

Bytes text_of(const std::vector<market::LabelRow>& rows, const Hash& seed)
{
    Bytes text(seed.bytes.begin(), seed.bytes.end());
    for (const auto& row : rows) {
        const auto label = row.label == market::no_label ? none : row.label;
        ledger::append_big_endian(text, static_cast<std::uint16_t>(label));
        text.push_back(static_cast<std::uint8_t>(row.confidence));
    }
    return text;
}

std::vector<Label> labels_of(ledger::ByteView text)
{
    std::vector<Label> labels;
    for (auto left = text.subspan(Hash::size); !left.empty(); left = left.subspan(row_bytes)) {
        const auto label = ledger::read_big_endian<std::uint16_t>(left);
        labels.push_back({label == none ? market::no_label : label, left[2]});
    }
    return labels;
}

std::uint32_t count_of(const std::vector<market::LabelRow>& rows)
{
    return static_cast<std::uint32_t>(
        std::count_if(rows.begin(), rows.end(),
                      [](const market::LabelRow& row) { return row.label != market::no_label; }));
}

ledger::SecretBytes chunk_key_of(const ledger::SecretKey& key, const Hash& order)
{
    return ledger::sealing::chunk_key(ledger::sealing::data_key(key, order), 0);
}

}  // namespace

Hash label_seed(const ledger::SecretKey& account, const market::LabelOrderId& order)
{
    return Hash::of(ledger::hkdf_sha256(account.view(), order.view(),
                                        ledger::as_bytes("millrace/label-salts/v1"), Hash::size)
                        .view());
}

std::vector<market::LabelRow> label_rows(const std::vector<Label>& labels, const Hash& seed)
{
    std::vector<market::LabelRow> rows;
    for (const auto& label : labels) {
        const auto item = static_cast<std::uint32_t>(rows.size());
        rows.push_back({item, label.label, label.confidence, salt_of(seed, item)});
    }
    return rows;
}

Hash root_of(const std::vector<market::LabelRow>& rows)
{
    ledger::MerkleBuilder tree;
    for (const auto& row : rows) tree.append(market::label_leaf(row));
    return tree.root();
}

ledger::Result<market::WrappedKey> wrap_key(const ledger::SecretKey& key, const Hash& info,
                                            const ledger::X25519PublicKey& to,
                                            ledger::Random& random)
{
    const auto wrapped = ledger::sealing::wrap(key, info, to, random);
    if (!wrapped) return wrapped.error();
    return market::WrappedKey::of(*wrapped);
}

ledger::Result<market::LabelSubmit> seal_labels(const std::vector<Label>& labels, const Hash& seed,
                                                const market::LabelOrderId& order,
                                                const ledger::Address& annotator,
                                                const LabelReaders& readers, ledger::Random& random)
{
    const auto rows = label_rows(labels, seed);
    market::LabelSubmit made;
    made.order = order;
    made.labels = count_of(rows);
    if (made.labels == 0) return ledger::invalid("not one item has a label");
    made.root = root_of(rows);
    const auto key = ledger::SecretKey::generate(random);
    const auto info = market::label_submit_info(order, annotator);
    for (const auto& [to, wrap] : {std::pair{&readers.owner, &made.owner_wrap},
                                   std::pair{&readers.arbiter, &made.arbiter_wrap}}) {
        auto wrapped = wrap_key(key, info, *to, random);
        if (!wrapped) return wrapped.error();
        *wrap = *wrapped;
    }
    const auto place = ledger::retag<Hash>(order);
    auto text = text_of(rows, seed);
    made.sealed =
        ledger::sealing::seal_chunk(chunk_key_of(key, place), {place, 0, true}, text).sealed;
    ledger::wipe(text);
    return made;
}

std::vector<Label> OpenedLabels::labels() const
{
    std::vector<Label> made;
    for (const auto& row : rows) made.push_back({row.label, row.confidence});
    return made;
}

ledger::Result<OpenedLabels> open_labels(const market::LabelSubmit& submitted,
                                         const ledger::Address& annotator,
                                         const market::WrappedKey& wrap,
                                         const ledger::X25519Key& reader,
                                         const market::LabelOrder& ordered)
{
    auto key = ledger::sealing::unwrap(
        wrap.view(), market::label_submit_info(submitted.order, annotator), reader);
    if (!key)
        return ledger::Error{ledger::ErrorKind::denied, "the labels are not sealed to this key"};
    const auto place = ledger::retag<Hash>(submitted.order);
    const auto chunk_key = chunk_key_of(*key, place);
    const ledger::sealing::Leaf leaf{ledger::sha256(chunk_key.view()),
                                     ledger::sha256(submitted.sealed)};
    auto text =
        ledger::sealing::open_chunk(chunk_key.view(), {place, 0, true}, leaf, submitted.sealed);
    if (!text) return ledger::invalid("the labels do not open");
    if (text->size() != Hash::size + row_bytes * std::size_t{ordered.items})
        return ledger::invalid("the labels are not of as many items as the order has");
    const auto labels = labels_of(*text);
    auto rows = label_rows(labels, Hash::of(ledger::ByteView{*text}.first(Hash::size)));
    ledger::wipe(*text);
    for (const auto& label : labels)
        if (label.confidence > 100 ||
            (label.label != market::no_label && label.label >= ordered.classes.size()))
            return ledger::invalid("a label is none of the classes, or a confidence above 100");
    if (root_of(rows) != submitted.root || count_of(rows) != submitted.labels)
        return ledger::invalid("the labels are not those that were committed to");
    return OpenedLabels{std::move(rows), std::move(*key)};
}

}  // namespace wallet
