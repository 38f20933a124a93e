#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/payments.hpp"

#include <chrono>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct ChannelOptions {
    std::string channel, amount, to, key, kind;
    std::uint64_t lane = 0, delay = 900, seq = 0;
};

json channel_json(const market::ChannelId& id, const market::Channel& channel)
{
    auto document = codec::to_json(channel);
    document["id"] = ledger::to_hex0x(id.view());
    document["free"] = codec::to_json(channel.free());
    return document;
}

void print(const market::ChannelId& id, const market::Channel& channel,
           const std::optional<ChannelFile>& file)
{
    std::cout << "channel   " << ledger::to_hex0x(id.view()) << "\npayer     "
              << ledger::to_checksum(channel.config.payer) << "\nreceiver  "
              << ledger::to_checksum(channel.config.receiver) << "\nbalance   "
              << tokens(channel.balance) << "\nclaimed   " << tokens(channel.total_claimed) << "\n";
    if (channel.pending) std::cout << "pending   up to " << tokens(channel.pending->total) << "\n";
    if (channel.withdraw)
        std::cout << "withdraw  " << tokens(channel.withdraw->amount) << " from "
                  << channel.withdraw->end_ms / 1000 << " (Unix seconds)\n";
    if (file) std::cout << "charged   " << tokens(file->charged) << " by vouchers of this wallet\n";
}

void list_channels(const Session& session)
{
    const auto payer = session.account().address;
    json document{{"payer", ledger::to_checksum(payer)}, {"channels", json::array()}};
    std::string after;
    do {
        const auto page = must(session.client().get(
            "/v1/channels?limit=1000&payer=" + ledger::to_checksum(payer) + after));
        for (const auto& item : page["items"]) document["channels"].push_back(item);
        const auto next = page.value("next", json{});
        after = next.is_string() ? "&after=" + next.get<std::string>() : "";
    } while (!after.empty() && document["channels"].size() < 100'000);
    const auto folder = must(ChannelFolder::open(session.home()));
    for (auto& item : document["channels"]) {
        const auto file = must(folder.load(channel_id_of(item["id"].get<std::string>())));
        item["charged"] = file ? codec::to_json(file->charged) : json{};
    }
    session.show(document, [&] {
        for (const auto& item : document["channels"]) {
            const auto balance = must(codec::from_json<ledger::Amount>(item["balance"]));
            const auto claimed = must(codec::from_json<ledger::Amount>(item["totalClaimed"]));
            std::cout << item["id"].get<std::string>() << "  " << item["state"].get<std::string>()
                      << "  balance " << tokens(balance) << "  claimed " << tokens(claimed) << "\n";
        }
        if (document["channels"].empty()) session.note("no channel; infer opens one when it pays");
    });
}

void show_channel(const Session& session, const std::string& text)
{
    const auto id = channel_id_of(text);
    const auto channel = channel_on_ledger(session, id);
    const auto folder = must(ChannelFolder::open(session.home()));
    const auto file = must(folder.load(id));
    const auto receipts = must(folder.receipts(id, 20));
    auto document = channel_json(id, channel);
    document["charged"] = file ? codec::to_json(file->charged) : json{};
    document["signedMax"] = file ? codec::to_json(file->signed_max) : json{};
    document["receipts"] = codec::to_json(receipts);
    session.show(document, [&] {
        print(id, channel, file);
        for (const auto& one : receipts)
            std::cout << "receipt   " << one.receipt.seq << ": " << tokens(one.receipt.charged)
                      << " for " << one.target << "\n";
    });
}

/// A channel by hand: what infer does by itself when it pays.
void open(Session& session, const ChannelOptions& options)
{
    const auto network = session.network();
    const auto sender = session.account();
    const auto amount = amount_of(options.amount, "AMOUNT");
    x402::Offer offer;
    offer.pay_to = session.address_of(options.to);
    offer.receiver_authorizer = session.address_of(options.key);
    offer.withdraw_delay_s = options.delay;
    const auto config = x402::config_for(*network, offer, sender.address, options.lane);
    const auto id = market::channel_id(*network, config);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto key = session.unlock(sender);
    const auto deposit =
        x402::sign_deposit(*network, config, amount, static_cast<std::uint64_t>(now.count()) + 3600,
                           session.random().next<ledger::Hash>(), key);
    session.transact(
        deposit, "deposited " + tokens(amount) + " into channel " + ledger::to_hex0x(id.view()));
}

void close(Session& session, const ChannelOptions& options)
{
    const auto id = channel_id_of(options.channel);
    const auto channel = channel_on_ledger(session, id);
    const auto folder = must(ChannelFolder::open(session.home()));
    const auto file = must(folder.load(id));
    auto free = channel.free();
    if (file && file->charged > channel.total_claimed)
        free = channel.balance.minus(file->charged).value_or(ledger::Amount{});
    const auto amount = options.amount.empty() ? free : amount_of(options.amount, "--amount");
    if (amount.is_zero()) fail(Fault::refused, "nothing is left in the channel");
    session.transact(market::ChannelWithdrawInit{channel.config, amount},
                     "withdrawal of " + tokens(amount) + " started; after " +
                         std::to_string(channel.config.withdraw_delay.value) +
                         " s: millrace channel withdraw");
}

void refund(Session& session, const ChannelOptions& options)
{
    const auto id = channel_id_of(options.channel);
    std::optional<ledger::Amount> amount;
    if (!options.amount.empty()) amount = amount_of(options.amount, "--amount");
    session.network();
    const auto folder = must(ChannelFolder::open(session.home()));
    // What is lost here the ledger knows, and proves.
    std::optional<market::Channel> proven;
    if (!must(folder.load(id))) proven = channel_on_ledger(session, id);
    const auto key = session.unlock(session.account());
    const auto paid = must(make_paid_client(session, key).refund(id, amount, proven));
    const auto given = paid.amount.value_or(ledger::Amount{});
    session.show({{"channel", ledger::to_hex0x(id.view())},
                  {"refunded", codec::to_json(given)},
                  {"txId", paid.transaction}},
                 [&] { std::cout << "the host gave back " << tokens(given) << "\n"; });
}

void dispute_close(Session& session, const ChannelOptions& options)
{
    const auto id = channel_id_of(options.channel);
    const auto folder = must(ChannelFolder::open(session.home()));
    const auto receipts = must(folder.receipts(id, 10'000));
    const auto channel = channel_on_ledger(session, id);
    const auto kind =
        options.kind == "charge" ? market::DisputeKind::charge : market::DisputeKind::claim;
    for (const auto& one : receipts) {
        const bool wanted = options.seq != 0 ? one.receipt.seq == options.seq
                            : kind == market::DisputeKind::claim && channel.pending
                                ? one.receipt.max_claimable == channel.pending->voucher_max
                                : false;
        if (!wanted) continue;
        session.transact(
            market::ChannelDispute{kind, one.receipt, one.signature, one.voucher_signature},
            "disputed with receipt " + std::to_string(one.receipt.seq));
        return;
    }
    fail(Fault::not_found, options.seq != 0
                               ? "this wallet has no such receipt"
                               : "no pending claim, or no receipt for its ceiling: give --seq");
}

}  // namespace

void add_channel_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand("channel", "Money set aside for paying a host call by call");
    group->require_subcommand(1);
    auto options = std::make_shared<ChannelOptions>();
    const auto with_id = [&](CLI::App* command) {
        command->add_option("CHANNEL", options->channel, "id; see list")->required();
        return command;
    };

    group->add_subcommand("list", "Your channels")->callback([&session] {
        list_channels(session);
    });
    with_id(group->add_subcommand("show", "A channel, proven, and the newest receipts"))
        ->callback([=, &session] { show_channel(session, options->channel); });

    auto* make = group->add_subcommand("open", "Open or top up by hand; infer does it by itself");
    make->footer("Example: millrace channel open 1 --to 0xPAYTO --key 0xRECEIVERAUTHORIZER");
    make->add_option("AMOUNT", options->amount, "tokens to deposit")->required();
    make->add_option("--to", options->to, "payTo of the host's offer")->required();
    make->add_option("--key", options->key, "receiverAuthorizer of the offer")->required();
    make->add_option("--delay", options->delay, "withdrawDelay of the offer, seconds")
        ->capture_default_str();
    make->add_option("--salt", options->lane, "number of the channel between the same two");
    make->callback([=, &session] { open(session, *options); });

    auto* back =
        with_id(group->add_subcommand("refund", "Ask the host to give back what is unused"));
    back->add_option("--amount", options->amount, "tokens; all when left out");
    back->callback([=, &session] { refund(session, *options); });

    auto* end = with_id(group->add_subcommand(
        "close", "Start a withdrawal, without the host: money comes after withdrawDelay"));
    end->add_option("--amount", options->amount, "tokens; all that is free when left out");
    end->callback([=, &session] { close(session, *options); });

    with_id(group->add_subcommand("withdraw", "Take what `close` started, after its time"))
        ->callback([=, &session] {
            const auto channel = channel_on_ledger(session, channel_id_of(options->channel));
            session.transact(market::ChannelWithdrawFinal{channel.config}, "withdrawn");
        });

    auto* fight =
        with_id(group->add_subcommand("dispute", "Show the ledger a receipt against a claim"));
    fight
        ->add_option("--kind", options->kind,
                     "claim: more claimed than receipted; charge: more "
                     "charged than the price")
        ->check(CLI::IsMember({"claim", "charge"}))
        ->default_val("claim");
    fight->add_option("--seq", options->seq,
                      "number of the receipt; that of the claim when left out");
    fight->callback([=, &session] { dispute_close(session, *options); });
}

}  // namespace wallet::cli
