#include "wallet/cli/labels/label_orders.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/labels/gold.hpp"
#include "wallet/rental/notes.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;
namespace fs = std::filesystem;

constexpr std::size_t notes_bytes = 32u << 20;

/// The message of a transaction: of the one that has this id, whatever the node says.
template <class M>
M message_in(const Session& session, const ledger::TxId& id, const char* what)
{
    const auto document =
        must(session.client().get("/v1/transactions/" + ledger::to_hex0x(id.view())));
    if (!document.contains("tx"))
        fail(Fault::not_found, std::string{"this node has not kept the block of "} + what +
                                   "; ask another, one that keeps all blocks");
    const auto& tx = document.at("tx");
    auto message = must(market::message_from_json(tx.at("message")));
    const auto envelope = market::make_transaction(
        must(codec::from_json<ledger::Address>(tx.at("sender"))),
        must(codec::from_json<ledger::Lane>(tx.at("lane"))),
        must(codec::from_json<ledger::Nonce>(tx.at("nonce"))),
        must(codec::from_json<ledger::Amount>(tx.at("fee"))),
        must(codec::from_json<std::uint64_t>(tx.at("validUntil"))), message);
    if (market::transaction_id(session.network()->transactions, envelope, message) != id)
        fail(Fault::unverified, std::string{"the node shows another transaction for "} + what);
    auto* found = std::get_if<M>(&message);
    if (!found)
        fail(Fault::unverified, std::string{"the node shows another transaction for "} + what);
    return std::move(*found);
}

fs::path notes_file(const Session& session, const market::LabelOrder& ordered)
{
    return session.home() / "labels" /
           (ledger::to_hex(ordered.items_root.view()) + "-" +
            ledger::to_hex(ordered.gold_root.view()).substr(0, 16) + ".json");
}

LabelNotes notes_in(const std::string& text)
{
    LabelNotes notes;
    for (const auto& item : must(codec::parse_json(text, {notes_bytes, 8}))) {
        notes.items.push_back({item.value("name", std::string{}),
                               id_of<ledger::Hash>(item.value("hash", std::string{}), "hash")});
        Label gold;
        if (item.contains("gold") && item["gold"].is_number_unsigned())
            gold.label = item["gold"].get<std::uint32_t>();
        notes.gold.push_back(gold);
    }
    return notes;
}

}  // namespace

market::LabelOrderId label_order_id_of(const std::string& text)
{
    return id_of<market::LabelOrderId>(text, "order");
}

std::vector<std::string> classes_in(const std::string& text)
{
    std::vector<std::string> classes;
    for (std::size_t from = 0; from <= text.size();) {
        const auto end = std::min(text.find(',', from), text.size());
        classes.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return classes;
}

market::LabelOrdered label_terms_of(const Session& session, const market::LabelOrderId& id)
{
    auto terms = session.record<market::LabelOrdered>(id);
    if (!terms) fail(Fault::not_found, "there is no label order " + ledger::to_hex0x(id.view()));
    return std::move(*terms);
}

market::LabelWork label_work_of(const Session& session, const market::LabelOrderId& id,
                                const ledger::Address& annotator)
{
    auto work = session.record<market::LabelWork>({id, annotator});
    if (!work)
        fail(Fault::not_found, ledger::to_checksum(annotator) + " has no seat of this order");
    return std::move(*work);
}

std::string in_words(market::LabelWorkStatus status)
{
    using market::LabelWorkStatus;
    switch (status) {
        case LabelWorkStatus::taken:
            return "waits for the keys";
        case LabelWorkStatus::handed:
            return "is labelling";
        case LabelWorkStatus::submitted:
            return "waits for the owner's review";
        case LabelWorkStatus::reviewed:
            return "was reviewed, and can be appealed against";
        case LabelWorkStatus::appealed:
            return "waits for the arbiter";
        case LabelWorkStatus::paid:
            return "was paid";
        case LabelWorkStatus::unhanded:
            return "ended: the keys never came";
        case LabelWorkStatus::returned:
            return "was given back";
        case LabelWorkStatus::lapsed:
            return "ended: the labels never came";
        case LabelWorkStatus::failed:
            return "ended: it was void";
    }
    return "is unknown";
}

std::vector<ProvenWork> work_of(const Session& session, const market::LabelOrderId& id)
{
    std::vector<ProvenWork> found;
    std::set<ledger::Address> seen;
    std::uint32_t open = 0;
    for (const auto& item :
         all_items(session, "/v1/labels/work?limit=100&order=" + ledger::to_hex0x(id.view()))) {
        const auto annotator =
            must(codec::from_json<ledger::Address>(item.value("annotator", json{})));
        if (!seen.insert(annotator).second) continue;
        found.push_back({annotator, label_work_of(session, id, annotator)});
        open += found.back().work.ended() ? 0 : 1;
    }
    const auto seats = session.record<market::LabelSeats>(id);
    if (seats && seats->open > open)
        fail(Fault::unverified, "the node does not show everybody who works on this order");
    return found;
}

market::LabelSubmit submission_of(const Session& session, const market::LabelOrderId& id,
                                  const market::LabelWork& work)
{
    if (work.submitted_in.is_zero()) fail(Fault::refused, "no labels were submitted yet");
    auto submitted = message_in<market::LabelSubmit>(session, work.submitted_in, "the labels");
    if (submitted.order != id)
        fail(Fault::unverified, "the node shows the labels of another order");
    return submitted;
}

std::vector<market::WrappedKey> handed_keys_of(const Session& session,
                                               const market::LabelWork& work)
{
    if (work.handed_in.is_zero())
        fail(Fault::refused, "the owner has not handed the keys over yet");
    return message_in<market::LabelHand>(session, work.handed_in, "the keys").wraps;
}

std::optional<market::LabelDecide> decision_of(const Session& session,
                                               const market::LabelWork& work)
{
    if (work.decided_in.is_zero()) return {};
    return message_in<market::LabelDecide>(session, work.decided_in, "the decision");
}

std::vector<LabelItem> items_of(const market::LabelOrder& ordered, std::vector<OpenBatch>& batches)
{
    std::vector<LabelItem> files;
    for (auto& batch : batches) {
        ProgressBar bar{"reading", batch.folder.manifest().bytes};
        auto more = list_items(batch.folder, batch.key, bar.teller());
        if (!more || files.size() + more->size() > most_label_files)
            fail(Fault::unverified, more ? "the batches have more files than an order can pick from"
                                         : "the items cannot be read: " + more.error().detail);
        files.insert(files.end(), std::make_move_iterator(more->begin()),
                     std::make_move_iterator(more->end()));
    }
    auto items = picked(std::move(files), ordered.picks);
    if (!items || items->size() != ordered.items || root_of(*items) != ordered.items_root)
        fail(Fault::unverified, "the files of the batches are not the items of the order");
    return std::move(*items);
}

ledger::X25519Key label_key(const ledger::SecretKey& account)
{
    return rental::box_key(account);
}

void keep_notes(const Session& session, const market::LabelOrder& ordered, const LabelNotes& notes)
{
    auto document = json::array();
    for (std::size_t i = 0; i < notes.items.size(); ++i) {
        const auto gold = notes.gold.at(i).label;
        document.push_back({{"name", notes.items[i].name},
                            {"hash", ledger::to_hex0x(notes.items[i].hash.view())},
                            {"gold", gold == market::no_label ? json(nullptr) : json(gold)}});
    }
    const auto file = notes_file(session, ordered);
    must(make_private_folder(file.parent_path()));
    const auto written =
        write_new_private_file(file, document.dump(-1, ' ', false, json::error_handler_t::replace));
    // The same items and the same gold, ordered before.
    if (!written && written.error().kind != ledger::ErrorKind::denied) must(written);
}

LabelNotes notes_of(const Session& session, const market::LabelOrder& ordered,
                    const ledger::SecretKey& owner, const std::string& gold)
{
    LabelNotes notes;
    const auto text = read_private_file(notes_file(session, ordered), notes_bytes);
    if (!text && text.error().kind != ledger::ErrorKind::not_found) must(text);
    if (text) {
        notes = notes_in(*text);
    } else {
        notes.items.resize(ordered.items);
        notes.gold.resize(ordered.items);
    }
    if (!gold.empty())
        notes.gold = must(read_labels(read_input(gold, label_table_bytes), ordered.classes,
                                      ordered.items, names_of(notes.items)));
    if (text && (notes.items.size() != ordered.items || root_of(notes.items) != ordered.items_root))
        fail(Fault::unverified, "what this home keeps of the order is damaged");
    if (make_gold(notes.gold, owner, ordered.items_root).root() == ordered.gold_root) return notes;
    if (gold.empty() && !text)
        fail(Fault::not_found,
             "the order's gold is in the home that made it, not in this one: say "
             "--gold");
    fail(gold.empty() ? Fault::unverified : Fault::usage,
         "this is not the gold that the order commits to");
}

std::vector<std::string> names_of(const std::vector<LabelItem>& items)
{
    std::vector<std::string> names;
    for (const auto& item : items) names.push_back(item.name);
    return names;
}

void make_folder(const fs::path& folder)
{
    must(make_private_folder(folder));
}

}  // namespace wallet::cli
