#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "market/label_rows.hpp"
#include "wallet/cli/labels/collected.hpp"
#include "wallet/cli/long_run.hpp"
#include "wallet/cli/sales.hpp"
#include "wallet/keys/private_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds labels_pause{2};

struct OwnerOptions {
    std::string order, master, out, gold;
    bool watch = false;
};

/// The owner of an order with the keys of its batches.
struct Owner {
    KeyEntry account;
    ledger::SecretKey key;
    market::LabelOrdered terms;
    std::vector<ledger::SecretKey> batches;
};

Owner owner_of(const Session& session, const OwnerOptions& options)
{
    const auto id = label_order_id_of(options.order);
    auto account = session.account();
    auto terms = label_terms_of(session, id);
    if (terms.owner != account.address) fail(Fault::refused, "the order is another's");
    auto key = session.unlock(account);
    const auto master = session.unlock_master(options.master);
    market::OfferTerms batches;
    batches.offered.dataset = terms.ordered.dataset;
    batches.offered.batches = terms.ordered.batches;
    std::vector<ledger::SecretKey> keys;
    for (std::size_t i = 0; i < terms.ordered.batches.size(); ++i)
        keys.push_back(batch_key_of(session, batches, i, master));
    return {std::move(account), std::move(key), std::move(terms), std::move(keys)};
}

/// Hands the keys to everybody who waits for them; how many that were.
std::size_t hand_over(const Session& session, const Owner& owner, const market::LabelOrderId& id)
{
    std::size_t count = 0;
    for_each_of(session, work_of(session, id), [&](const ProvenWork& listed) {
        if (listed.work.status != market::LabelWorkStatus::taken) return;
        market::LabelHand message{id, listed.annotator, {}};
        const auto info = market::label_hand_info(id, listed.annotator);
        for (const auto& key : owner.batches)
            message.wraps.push_back(
                must(wrap_key(key, info, listed.work.annotator_x25519, session.random())));
        check_applied(session.send(message, owner.account, owner.key));
        session.note("handed the keys to " + ledger::to_checksum(listed.annotator));
        ++count;
    });
    return count;
}

void hand(const Session& session, const OwnerOptions& options)
{
    const auto id = label_order_id_of(options.order);
    const auto owner = owner_of(session, options);
    std::size_t count = 0;
    if (options.watch) {
        const UntilAsked until;
        Attempts attempt{session, "handing over: "};
        keep_going(
            session, labels_pause,
            [&] {
                attempt("", [&] { count += hand_over(session, owner, id); });
                return false;
            },
            until);
    } else {
        count = hand_over(session, owner, id);
    }
    session.show({{"handed", count}}, [&] {
        std::cout << count << (count == 1 ? " annotator has" : " annotators have")
                  << " been handed the keys\n";
    });
}

json row_json(const Collected& from, const CollectedLabels& sheet, const market::LabelRow& row)
{
    const auto& item = from.notes.items[row.item];
    return {
        {"item", item.hash.is_zero() ? json(nullptr) : json(ledger::to_hex0x(item.hash.view()))},
        {"name", item.name},
        {"label", from.terms.ordered.classes[row.label]},
        {"confidence", row.confidence},
        {"source", ledger::to_checksum(sheet.annotator)},
        {"order", ledger::to_hex0x(from.id.view())},
        {"number", row.item},
        {"salt", ledger::to_hex0x(row.salt.view())},
        {"root", ledger::to_hex0x(sheet.work.root.view())},
        {"submittedIn", ledger::to_hex0x(sheet.work.submitted_in.view())}};
}

/// The items on which not all agree, with what each said, for who adjudicates.
std::string differing(const Collected& from, const Agreed& together)
{
    std::string table = "number,item,label,votes\n";
    for (const auto item : together.differ) {
        std::string votes;
        for (const auto& sheet : from.sheets) {
            const auto label = sheet.opened.rows[item].label;
            if (label == market::no_label) continue;
            votes += (votes.empty() ? "" : "|") + from.terms.ordered.classes[label];
        }
        const auto label = together.labels[item].label;  // empty where it is undecided
        table += fmt::format(
            "{},{},{},{}\n", item, csv_field(from.notes.items[item].name),
            label == market::no_label ? "" : csv_field(from.terms.ordered.classes[label]),
            csv_field(votes));
    }
    return table;
}

json sheet_json(const Collected& from, const Agreed& together, std::size_t i)
{
    const auto& sheet = from.sheets[i];
    return {{"annotator", ledger::to_checksum(sheet.annotator)},
            {"status", ledger::codec::enum_name(sheet.work.status)},
            {"labels", sheet.work.labels},
            {"goldWrong", from.gold.wrong_in(sheet.opened.rows)},
            {"weight", together.weights[i]},
            {"accepted", accepted_of(sheet, together.labels)}};
}

json reasons_json(const std::vector<std::pair<ProvenWork, std::string>>& all)
{
    auto made = json::array();
    for (const auto& [listed, why] : all)
        made.push_back({{"annotator", ledger::to_checksum(listed.annotator)}, {"why", why}});
    return made;
}

void print_labels(const json& document)
{
    for (const auto& sheet : document["annotators"])
        std::cout << sheet["annotator"].get<std::string>() << "  " << sheet["labels"] << " labels, "
                  << sheet["accepted"] << " as agreed, " << sheet["goldWrong"]
                  << " of the gold wrong, weight "
                  << fmt::format("{:.2f}", sheet["weight"].get<double>()) << "\n";
    for (const auto& [member, words] :
         {std::pair{"unreadable", "  cannot be read: "}, {"missing", "  is not shown: "}})
        for (const auto& sheet : document[member])
            std::cout << sheet["annotator"].get<std::string>() << words
                      << sheet["why"].get<std::string>() << "\n";
}

void collect_labels(const Session& session, const OwnerOptions& options)
{
    const auto from = collected(session, options.order, options.gold);
    if (from.sheets.empty() && from.unreadable.empty() && from.missing.empty())
        fail(Fault::not_found, "nobody has submitted labels yet");
    const auto together = agreed(from);
    const fs::path out{options.out};
    if (fs::exists(out / "differ.csv"))
        fail(Fault::usage, options.out +
                               " has labels already, which somebody may have edited: name "
                               "another folder");
    make_folder(out);
    std::string rows;
    auto sheets = json::array();
    for (std::size_t i = 0; i < from.sheets.size(); ++i) {
        sheets.push_back(sheet_json(from, together, i));
        for (const auto& row : from.sheets[i].opened.rows)
            if (row.label != market::no_label)
                rows += row_json(from, from.sheets[i], row)
                            .dump(-1, ' ', false, json::error_handler_t::replace) +
                        "\n";
    }
    must(write_new_private_file(out / "labels.csv", label_table(from.terms.ordered.classes,
                                                                from.names(), together.labels)));
    must(write_new_private_file(out / "rows.jsonl", rows));
    must(write_new_private_file(out / "differ.csv", differing(from, together)));
    const json document{{"items", from.terms.ordered.items},
                        {"differ", together.differ.size()},
                        {"undecided", together.undecided.size()},
                        {"alpha", together.alpha ? json(*together.alpha) : json(nullptr)},
                        {"annotators", std::move(sheets)},
                        {"unreadable", reasons_json(from.unreadable)},
                        {"missing", reasons_json(from.missing)},
                        {"folder", options.out}};
    session.show(document, [&] {
        print_labels(document);
        std::cout << "items      " << document["items"] << ", " << document["differ"]
                  << " on which not all agree, " << document["undecided"]
                  << " of them without a majority\n";
        if (together.alpha) std::cout << fmt::format("alpha      {:.3f}\n", *together.alpha);
        std::cout << "written    labels.csv, differ.csv and rows.jsonl in " << options.out << "\n";
    });
}

/// What the ledger does when the time of this work is over.
std::string outcome_of(const market::LabelWork& work)
{
    using market::LabelWorkStatus;
    switch (work.status) {
        case LabelWorkStatus::taken:
            return "the bond returns";
        case LabelWorkStatus::handed:
            return "the bond is lost";
        case LabelWorkStatus::reviewed:
            return work.is_void ? "nothing is paid, the bond is lost"
                                : std::to_string(work.reviewed) + " labels are paid";
        default:
            return "all " + std::to_string(work.labels) + " labels are paid";
    }
}

/// Everything of an order whose time is over.
void settle(const Session& session, const OwnerOptions& options)
{
    const auto id = label_order_id_of(options.order);
    const auto account = session.account();
    std::vector<ProvenWork> due;
    std::string question;
    for (auto& listed : work_of(session, id)) {
        if (listed.work.ended() || now_ms().value < listed.work.window_end_ms) continue;
        question += ledger::to_checksum(listed.annotator) + " " + in_words(listed.work.status) +
                    ": " + outcome_of(listed.work) + "\n";
        due.push_back(std::move(listed));
    }
    auto done = json::array();
    if (!due.empty()) {
        session.confirm(question + "Settle so?");
        const auto key = session.unlock(account);
        for_each_of(session, due, [&](const ProvenWork& listed) {
            check_applied(session.send(market::LabelTimeout{id, listed.annotator}, account, key));
            done.push_back(ledger::to_checksum(listed.annotator));
        });
    }
    session.show({{"settled", done}}, [&] {
        std::cout << done.size() << (done.size() == 1 ? " piece" : " pieces")
                  << " of work settled\n";
    });
}

}  // namespace

void add_label_owner_commands(CLI::App& annotate, Session& session)
{
    auto options = std::make_shared<OwnerOptions>();
    const auto add = [&](const char* name, const char* help, auto work) {
        return add_order_command(annotate, session, options, name, help, work);
    };
    auto* give = add("hand", "Owner: hand the keys of the items to who took a seat",
                     [](Session& s, const OwnerOptions& o) { hand(s, o); });
    give->add_option("--master", options->master, "name of your master key")->required();
    give->add_flag("--watch", options->watch, "go on for whoever comes, until it is stopped");
    auto* get = add("collect", "Owner: open what was submitted, and weigh it",
                    [](Session& s, const OwnerOptions& o) { collect_labels(s, o); });
    get->add_option("--gold", options->gold, "CSV: of an order that another home made");
    get->footer(
        "Writes labels.csv (what annotators say together, by Dawid and Skene), differ.csv (where\n"
        "they differ; who adjudicates fills in its column label, which is empty where nothing\n"
        "decides) and rows.jsonl (each "
        "label\n"
        "with its source and what ties it to the ledger).\n"
        "Example: millrace data annotate collect 0xORDER --out labels");
    get->add_option("--out", options->out, "folder to write into, which has no labels yet")
        ->required();
    add("close", "Owner, or anyone once it is old: end the taking of seats",
        [](Session& s, const OwnerOptions& o) {
            s.transact(market::LabelOrderClose{label_order_id_of(o.order)}, "closed");
        });
    add("settle", "Anyone: end what has run out of time, as the ledger's rules say",
        [](Session& s, const OwnerOptions& o) { settle(s, o); });
}

}  // namespace wallet::cli
