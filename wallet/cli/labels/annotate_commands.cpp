#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/cli/labels/label_orders.hpp"
#include "wallet/cli/long_run.hpp"
#include "wallet/cli/node_lists.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

struct AnnotateOptions {
    std::string order, dataset;
    bool all = false, mine = false;
};

ledger::Amount money(const json& value)
{
    return must(ledger::codec::from_json<ledger::Amount>(value));
}

void list_orders(const Session& session, const AnnotateOptions& options)
{
    std::string target = "/v1/labels/orders?limit=100";
    if (options.all) target += "&all=1";
    if (!options.dataset.empty())
        target += "&dataset=" + ledger::to_hex0x(dataset_of(session, options.dataset).view());
    const auto items = all_items(session, target);
    session.show({{"items", items}}, [&] {
        for (const auto& item : items)
            std::cout << plain(item.at("id").get<std::string>()) << "  " << item.at("items")
                      << " items, " << tokens(money(item.at("price"))) << " a label, "
                      << item.at("seatsFree") << " of " << item.at("seats") << " seats free\n";
        if (items.empty()) session.note("there are none");
    });
}

void list_mine(const Session& session)
{
    const auto items = all_items(session, "/v1/labels/work?limit=100&annotator=" +
                                              ledger::to_checksum(session.account().address));
    session.show({{"items", items}}, [&] {
        for (const auto& item : items)
            std::cout << plain(item.at("order").get<std::string>()) << "  "
                      << plain(item.at("status").get<std::string>()) << ", " << item.at("labels")
                      << " labels, " << item.at("accepted") << " paid\n";
        if (items.empty()) session.note("this account has taken no seat yet");
    });
}

void show_order(const Session& session, const AnnotateOptions& options)
{
    const auto id = label_order_id_of(options.order);
    auto document = must(session.client().get("/v1/labels/orders/" + ledger::to_hex0x(id.view())));
    const auto terms = label_terms_of(session, id);
    const auto& ordered = terms.ordered;
    const auto work = work_of(session, id);
    document["work"] = json::array();
    for (const auto& one : work) {
        auto made = ledger::codec::to_json(one.work);
        made["annotator"] = ledger::to_checksum(one.annotator);
        document["work"].push_back(std::move(made));
    }
    session.show(document, [&] {
        std::cout << "question   " << plain(ordered.question) << "\nclasses   ";
        for (const auto& name : ordered.classes) std::cout << " " << plain(name);
        std::cout << "\nitems      " << ordered.items << ", " << ordered.gold
                  << " of them gold\nprice      " << tokens(ordered.price)
                  << " for each label accepted\nbond       " << tokens(ordered.bond)
                  << "\nseats      " << document.at("seatsFree") << " of " << ordered.seats
                  << " free\nowner      " << ledger::to_checksum(terms.owner) << "\narbiter    "
                  << ledger::to_checksum(ordered.arbiter) << ", fee " << tokens(ordered.arbiter_fee)
                  << "\ntime       " << ordered.work_s << " s to label, " << ordered.review_s
                  << " s to review, " << ordered.appeal_s << " s to appeal, " << ordered.decide_s
                  << " s to decide\n";
        for (const auto& one : work)
            std::cout << "work       " << ledger::to_checksum(one.annotator) << " "
                      << in_words(one.work.status) << "\n";
    });
}

void show_key(const Session& session)
{
    const auto key = ledger::x25519_public_key(label_key(session.unlock(session.account())));
    const auto text = ledger::to_hex0x(key.view());
    session.show({{"key", text}}, [&] { std::cout << text << "\n"; });
}

}  // namespace

void add_annotate_commands(CLI::App& data, Session& session)
{
    auto* group = data.add_subcommand(
        "annotate", "Have data labelled by models and people, or label it and be paid");
    group->require_subcommand(1);
    auto options = std::make_shared<AnnotateOptions>();

    auto* orders = group->add_subcommand("orders", "Orders that have a free seat");
    orders->add_option("--dataset", options->dataset, "of this one alone");
    orders->add_flag("--all", options->all, "also those without a free seat");
    orders->callback([=, &session] { list_orders(session, *options); });
    auto* mine = group->add_subcommand("work", "Your own work, in all orders");
    mine->callback([&session] { list_mine(session); });
    auto* one = group->add_subcommand("show", "One order, and who works on it");
    one->add_option("ORDER", options->order)->required();
    one->callback([=, &session] { show_order(session, *options); });
    auto* key = group->add_subcommand("key", "The key to which items and labels are sealed to you");
    key->callback([&session] { show_key(session); });

    add_label_order_command(*group, session);
    add_label_owner_commands(*group, session);
    add_label_review_command(*group, session);
    add_label_work_commands(*group, session);
    add_label_arbiter_commands(*group, session);
    add_prelabel_command(*group, session);
}

}  // namespace wallet::cli
