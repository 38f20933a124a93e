#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/contribution.hpp"
#include "market/signing.hpp"
#include "market/state/data_records.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/cli/long_run.hpp"
#include "wallet/cli/node_lists.hpp"

#include <iostream>
#include <memory>
#include <set>

namespace wallet::cli {
namespace {

constexpr std::chrono::seconds collect_pause{5};
constexpr std::size_t most_told = 10'000;

struct CollectOptions {
    std::string dataset;
    bool watch = false, all = false;
};

std::string name_of(const market::DataContribute& message)
{
    return ledger::to_checksum(message.device) + ":" + std::to_string(message.batch);
}

/// Puts on the ledger what devices have brought to the node, one batch after the other.
class Collection {
public:
    /// `all`: as the dataset's owner, also what others contribute.
    Collection(const Session& session, const market::DatasetId& dataset, bool all)
        : session_{session},
          dataset_{dataset},
          account_{session.account()},
          key_{session.unlock(account_)}
    {
        const auto known = session.record<market::Dataset>(dataset);
        if (!known)
            fail(Fault::not_found,
                 ledger::to_hex0x(dataset.view()) + " is no dataset on the ledger");
        if (all && known->owner != account_.address)
            fail(Fault::refused, "the dataset is another's: only its owner contributes for all");
        all_ = all;
    }

    /// Everything that is whole and this account's to contribute.
    void pass()
    {
        incomplete_ = 0;
        const auto items = all_items(
            session_, "/v1/datasets/" + ledger::to_hex0x(dataset_.view()) + "/inbox?limit=100");
        for (const auto& item : items) {
            const auto message = ledger::codec::from_json<market::DataContribute>(
                item.value("contribution", json{}));
            if (!message || message->dataset != dataset_) {
                session_.note("the node tells something that is no contribution");
                continue;
            }
            if (item.value("complete", json{}) != true)
                ++incomplete_;
            else
                contribute(*message);
        }
    }

    json document() const
    {
        return {{"count", count_},
                {"contributed", contributed_},
                {"refused", refused_},
                {"incomplete", incomplete_}};
    }
    std::uint64_t contributed() const { return count_; }
    std::size_t refused() const { return refused_.size(); }
    std::uint64_t incomplete() const { return incomplete_; }

private:
    void contribute(const market::DataContribute& message)
    {
        const auto name = name_of(message);
        // The node's word is not needed for it: whose the batch is, the device's signature says.
        const auto digest = market::contribution_digest(*session_.network(), message);
        if (!market::signed_by(message.device, digest, message.device_signature))
            return refuse(name, "the signature is not the device's");
        if (!all_) {
            const auto device = session_.record<market::Device>({dataset_, message.device});
            if (!device || device->contributor != account_.address) return;  // another's to send
        }
        try {
            const auto sent = session_.send(message, account_, key_);
            check_applied(sent);
            ++count_;
            if (contributed_.size() < most_told)
                contributed_.push_back({{"batch", name},
                                        {"root", ledger::to_hex0x(message.root.view())},
                                        {"txId", to_json(sent)["txId"]}});
            session_.note("contributed " + name);
        } catch (const Failure& failure) {
            // One that is refused must not keep the others from the ledger.
            if (failure.fault != Fault::refused) throw;
            refuse(name, failure.message);
        }
    }

    void refuse(const std::string& name, const std::string& why)
    {
        if (told_.size() >= most_told || !told_.insert(name + why).second) return;
        session_.note(name + ": " + why);
        refused_.push_back({{"batch", name}, {"why", why}});
    }

    const Session& session_;
    market::DatasetId dataset_;
    KeyEntry account_;
    ledger::SecretKey key_;
    bool all_ = false;
    std::uint64_t incomplete_ = 0;
    std::uint64_t count_ = 0;
    json contributed_ = json::array(), refused_ = json::array();
    std::set<std::string> told_;
};

void collect_devices(const Session& session, const CollectOptions& options)
{
    if (session.settings.wait == 0)
        fail(Fault::usage, "this command has to know what became of what it sends: no --wait 0");
    std::optional<Collection> collection;
    const auto pass = [&] {
        // In here: a node that is away when a watch begins comes back as one does later.
        if (!collection) {
            session.network();
            collection.emplace(session, dataset_of(session, options.dataset), options.all);
        }
        collection->pass();
        return false;
    };
    if (options.watch) {
        const UntilAsked until;
        keep_going(session, collect_pause, pass, until);
        if (!collection) return;
    } else {
        pass();
    }
    if (collection->refused() != 0 && !options.watch)
        throw Failure{Fault::refused,
                      std::to_string(collection->refused()) + " batches were refused, " +
                          std::to_string(collection->contributed()) + " contributed",
                      collection->document()};
    session.show(collection->document(), [&] {
        std::cout << collection->contributed() << " batches contributed";
        if (collection->incomplete() != 0)
            std::cout << ", " << collection->incomplete() << " still on their way";
        std::cout << "\n";
    });
}

}  // namespace

void add_collect_command(CLI::App& data, Session& session)
{
    auto options = std::make_shared<CollectOptions>();
    auto* app =
        data.add_subcommand("collect", "Put on the ledger what devices brought to the node");
    app->footer(
        "Devices seal, sign and send by themselves (millrace-edge send --node); who contributes "
        "pays\n"
        "for the place on the ledger and so has the last word. The node's inbox.datasets has to "
        "name\n"
        "the dataset. With --watch it goes on until it is stopped.\n"
        "Example: millrace -a farmer data collect orchard --watch");
    app->add_option("DATASET", options->dataset, "0x id, OWNER/NAME, or NAME of your own")
        ->required();
    app->add_flag("--all", options->all,
                  "as the dataset's owner also what others' devices brought, at your expense");
    app->add_flag("--watch", options->watch, "wait for what comes");
    app->callback([=, &session] { collect_devices(session, *options); });
}

}  // namespace wallet::cli
