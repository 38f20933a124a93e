#include "wallet/cli/dispute_command.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "market/price_history.hpp"
#include "wallet/cli/payments.hpp"
#include "wallet/client/disputes.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

constexpr std::size_t most_receipts = 10'000;

struct DisputeOptions {
    std::string channel;
    bool dry_run = false;
};

std::vector<market::ChannelId> channels_of(const DisputeOptions& options,
                                           const ChannelFolder& folder)
{
    if (!options.channel.empty()) return {channel_id_of(options.channel)};
    return must(folder.list());
}

/// Proven sheets of the ledger, however old.
FindSheet sheets_of(const Session& session)
{
    return [&session](const market::ModelId& model, market::Version ver,
                      const ledger::Hash& hash) -> std::optional<market::PriceSheet> {
        const auto version = session.record<market::VersionRecord>({model, ver});
        if (!version) return {};
        if (market::sheet_hash(version->version.price_sheet) == hash)
            return version->version.price_sheet;
        for (auto index = version->prices; index-- > 0;) {
            const auto change = session.record<market::PriceRecord>({model, ver, index});
            if (change && market::sheet_hash(change->sheet) == hash) return change->sheet;
        }
        return {};
    };
}

json case_json(const market::ChannelId& id, const DisputeCase& found)
{
    return {{"channel", ledger::to_hex0x(id.view())},
            {"kind", codec::to_json(found.kind)},
            {"seq", found.receipt.receipt.seq},
            {"over", codec::to_json(found.over)}};
}

class Inspector {
public:
    Inspector(const Session& session, const DisputeOptions& options)
        : session_{session}, options_{options}, account_{session.account()}
    {
    }

    json look(const ChannelFolder& folder)
    {
        for (const auto& id : channels_of(options_, folder)) look_at(folder, id);
        return {{"channels", looked_at_},
                {"disputes", std::move(disputes_)},
                {"unproven", std::move(unproven_)}};
    }

private:
    void look_at(const ChannelFolder& folder, const market::ChannelId& id)
    {
        const auto channel = session_.record<market::Channel>(id);
        if (!channel) {
            if (!options_.channel.empty())
                fail(Fault::not_found, "the ledger has no channel " + options_.channel);
            return;
        }
        if (channel->config.payer != account_.address &&
            channel->config.payer_authorizer != account_.address) {
            if (!options_.channel.empty())
                fail(Fault::denied, "only who pays on a channel disputes: see --account");
            return;
        }
        ++looked_at_;
        const auto receipts = must(folder.receipts(id, most_receipts));
        const auto found = find_case(*channel, receipts, sheets_of(session_));
        if (found) {
            dispute(id, *found);
            return;
        }
        const auto above = above_receipts(*channel, receipts);
        if (above.is_zero()) return;
        unproven_.push_back(
            {{"channel", ledger::to_hex0x(id.view())}, {"over", codec::to_json(above)}});
        session_.note("channel " + ledger::to_hex0x(id.view()) + ": the claim is " + tokens(above) +
                      " above the receipts here, and none has its ceiling: nothing can be shown");
    }

    void dispute(const market::ChannelId& id, const DisputeCase& found)
    {
        auto line = case_json(id, found);
        session_.note("channel " + ledger::to_hex0x(id.view()) + ": " + tokens(found.over) +
                      " too much, as receipt " + std::to_string(found.receipt.receipt.seq) +
                      " shows");
        if (!options_.dry_run) {
            if (!key_) key_.emplace(session_.unlock(account_));
            const auto sent = session_.send(
                market::ChannelDispute{found.kind, found.receipt.receipt, found.receipt.signature,
                                       found.receipt.voucher_signature},
                account_, *key_);
            check_applied(sent);
            line.update(to_json(sent));
        }
        disputes_.push_back(std::move(line));
    }

    const Session& session_;
    const DisputeOptions& options_;
    KeyEntry account_;
    std::optional<ledger::SecretKey> key_;
    std::size_t looked_at_ = 0;
    json disputes_ = json::array();
    json unproven_ = json::array();
};

void dispute_claims(const Session& session, const DisputeOptions& options)
{
    const auto folder = must(ChannelFolder::open(session.home()));
    const auto document = Inspector{session, options}.look(folder);
    session.show(document, [&] {
        for (const auto& one : document["disputes"])
            std::cout << (options.dry_run ? "to dispute  " : "disputed    ")
                      << one["channel"].get<std::string>() << "  receipt "
                      << one["seq"].get<std::uint64_t>() << "\n";
        std::cout << document["channels"].get<std::size_t>() << " channels looked at, "
                  << document["disputes"].size()
                  << (options.dry_run ? " to dispute\n" : " disputed\n");
    });
}

}  // namespace

void add_dispute_command(CLI::App& app, Session& session)
{
    auto options = std::make_shared<DisputeOptions>();
    auto* command = app.add_subcommand(
        "dispute", "Look through your receipts for claims that take too much, and dispute those");
    command->footer(
        "A claim is open to dispute until it is settled: run this from time to time while you pay, "
        "as from\na timer. The host loses ten times what it took too much, half of it to you.\n"
        "Example: millrace -a caller dispute");
    command->add_option("CHANNEL", options->channel, "one channel; all of this wallet's without");
    command->add_flag("--dry-run", options->dry_run, "say what would be disputed, send nothing");
    command->callback([=, &session] { dispute_claims(session, *options); });
}

}  // namespace wallet::cli
