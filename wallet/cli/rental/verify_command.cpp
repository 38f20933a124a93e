#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/rental/verifier.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

constexpr std::chrono::milliseconds verify_pause{1'000};

/// All that an account is drawn for.
class Verifying {
public:
    Verifying(const Party& party, const WorkOptions& work, std::size_t most)
        : party_{party}, work_{work}, most_{most}
    {
        // Of leases that ended meanwhile; of the others all comes again.
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator{work.folder})
            if (ledger::id_from_hex<market::GpuOrderId>(entry.path().filename().string()))
                std::filesystem::remove_all(entry.path(), ignored);
    }

    bool tick()
    {
        const auto found = must(party_.session.client().get(
            "/v1/verifiers/" + ledger::to_checksum(party_.account.address) + "/duties"));
        const auto duties = must(ledger::codec::from_json<std::vector<market::Duty>>(
            found.value("items", json::array())));
        std::map<market::LeaseId, std::vector<market::Duty>> by_lease;
        for (const auto& duty : duties) by_lease[duty.lease].push_back(duty);
        std::erase_if(leases_, [&](const auto& one) {
            if (by_lease.contains(one.first)) return false;
            std::error_code ignored;
            std::filesystem::remove_all(one.second.folder, ignored);
            return true;
        });
        for (const auto& [id, its] : by_lease) {
            try {
                done += verifier_of(id).tick(its);
            } catch (const Failure& failure) {
                party_.session.note("lease " + ledger::to_hex0x(id.view()) + ": " +
                                    failure.message);
            }
        }
        return most_ != 0 && done >= most_ && by_lease.empty();
    }

    std::size_t done = 0;

private:
    struct One {
        std::unique_ptr<LeaseVerifier> verifier;
        std::filesystem::path folder;
    };

    LeaseVerifier& verifier_of(const market::LeaseId& id)
    {
        auto& one = leases_[id];
        if (!one.verifier) {
            one.folder = folder_of(work_, lease_of(party_.session, id).order);
            one.verifier = std::make_unique<LeaseVerifier>(party_, work_, id);
        }
        return *one.verifier;
    }

    const Party& party_;
    const WorkOptions& work_;
    std::size_t most_;
    std::map<market::LeaseId, One> leases_;
};

struct VerifyWords {
    WorkOptions work;
    std::size_t most = 0;
};

void verify(const Session& session, VerifyWords& words)
{
    const auto party = party_of(session);
    if (words.work.folder.empty())
        words.work.folder =
            session.home() / "verifying" / ledger::to_checksum(party.account.address);
    words.work.folder /= "verified";  // nothing else is in there, whatever folder was named
    prepare(words.work);
    Verifying verifying{party, words.work, words.most};
    session.note("executing segments again whenever " + ledger::to_checksum(party.account.address) +
                 " is drawn; Ctrl-C ends it");
    const UntilAsked until;
    keep_going(
        session, verify_pause, [&] { return verifying.tick(); }, until);
    session.show({{"done", verifying.done}},
                 [&] { std::cout << verifying.done << " duties done\n"; });
}

}  // namespace

void add_verify_command(CLI::App& gpu, Session& session)
{
    auto words = std::make_shared<VerifyWords>();
    auto* app = gpu.add_subcommand(
        "verify", "Verifier: execute what you are drawn for again, and say what it gave");
    app->footer(
        "Join with a stake first: millrace gpu verify-join CLASS --stake TOKENS. While this runs\n"
        "nobody has to look at `gpu duties`; who is silent loses a part of its stake.\n"
        "Example: millrace -a verifier gpu verify --work verifying");
    app->add_option("--until", words->most,
                    "end after so many duties, once none is left; 0: never");
    add_work_options(*app, words->work);
    app->callback([=, &session] { verify(session, *words); });
}

}  // namespace wallet::cli
