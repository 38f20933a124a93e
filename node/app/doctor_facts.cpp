#include "node/app/doctor_facts.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/state/money.hpp"
#include "market/state/state.hpp"
#include "market/state/validator_records.hpp"
#include "node/app/http_get.hpp"
#include "node/app/offline_ledger.hpp"
#include "node/core/checkpoint_check.hpp"

#include <algorithm>
#include <chrono>

namespace node {
namespace {

using namespace ledger;
using nlohmann::json;

/// The store of a node that is off; nobody else has it while this lives.
class StoredFacts final : public LedgerFacts {
public:
    StoredFacts(std::unique_ptr<OfflineLedger> ledger, std::unique_ptr<StateView> state)
        : ledger_{std::move(ledger)}, state_{std::move(state)}, view_{*state_}
    {
    }
    std::string source() const override { return "the store"; }
    bool is_running() const override { return false; }

    Result<Tip> tip() const override
    {
        const auto& store = *ledger_->store;
        const auto block = store.block(*store.tip());
        if (!block) return block.error();
        const auto header = decode_header(block->header);
        if (!header) return header.error();
        return Tip{header->height.value, header->time_ms, {}, {}};
    }
    Result<void> leads_through(const consensus::TrustedAnchor& trusted) const override
    {
        return check_leads_through(*ledger_->chain, trusted);
    }
    Result<std::optional<market::ContentId>> content(market::ModelId model,
                                                     market::Version ver) const override
    {
        const auto record = view_.find<market::VersionRecord>({model, ver});
        if (!record) return std::optional<market::ContentId>{};
        return std::optional{record->version.content_id};
    }
    Result<HostStanding> host(const Address& account, const Address& key) const override
    {
        const auto host = view_.find<market::Host>(account);
        if (!host) return HostStanding{};
        const auto known = view_.find<market::HostKeyRecord>({account, key});
        return HostStanding{true, known && known->retired_ms == 0, host->unbond_end_ms != 0,
                            host->bond};
    }
    Result<Amount> balance(const Address& account) const override
    {
        return view_.get<market::Account>(account).balance;
    }
    Result<Voting> voting(const std::optional<ConsensusKey>& key) const override
    {
        const auto epoch = view_.get<market::EpochState>({}).epoch;
        const auto set = view_.get<market::EpochRecord>(epoch).set;
        Voting voting;
        voting.validators = set.size();
        if (!key) return voting;
        voting.is_validator = std::any_of(set.begin(), set.end(), [&](const Validator& one) {
            return one.consensus_key == *key;
        });
        auto silenced = silence_of(*ledger_->store, *key);
        if (!silenced) return silenced.error();
        voting.silenced = std::move(*silenced);
        return voting;
    }
    Result<std::size_t> peers() const override { return std::size_t{0}; }

private:
    std::unique_ptr<OfflineLedger> ledger_;
    std::unique_ptr<StateView> state_;
    market::View view_;
};

template <class T>
Result<T> member(const json& document, const char* name)
{
    const auto found = document.find(name);  // the end when it is no object
    if (found == document.end()) return Error{ErrorKind::io, std::string{"no "} + name};
    return codec::from_json<T>(*found);
}

/// The node that runs, by its HTTP.
class ServedFacts final : public LedgerFacts {
public:
    explicit ServedFacts(std::string url) : url_{std::move(url)} {}
    std::string source() const override { return "the node at " + url_; }
    bool is_running() const override { return true; }

    Result<Tip> tip() const override
    {
        const auto status = get("/v1/status");
        if (!status) return status.error();
        const auto height = member<std::uint64_t>(*status, "height");
        if (!height) return height.error();
        const auto time = member<std::uint64_t>(*status, "timeMs");
        if (!time) return time.error();
        return Tip{*height, TimeMs{*time}, status->value("halted", std::string{}),
                   status->value("refusedChain", std::string{})};
    }
    Result<void> leads_through(const consensus::TrustedAnchor&) const override { return {}; }
    Result<std::optional<market::ContentId>> content(market::ModelId model,
                                                     market::Version ver) const override
    {
        using Maybe = std::optional<market::ContentId>;
        const auto version =
            get("/v1/models/" + to_hex0x(model.view()) + "/versions/" + std::to_string(ver.value));
        if (!version)
            return version.error().kind == ErrorKind::not_found ? Result<Maybe>{Maybe{}}
                                                                : version.error();
        const auto id = member<market::ContentId>(*version, "contentId");
        if (!id) return id.error();
        return Maybe{*id};
    }
    Result<HostStanding> host(const Address& account, const Address& key) const override
    {
        const auto host = get("/v1/hosts/" + to_checksum(account));
        if (!host)
            return host.error().kind == ErrorKind::not_found ? Result<HostStanding>{HostStanding{}}
                                                             : host.error();
        const auto bond = member<Amount>(*host, "bond");
        if (!bond) return bond.error();
        HostStanding standing{true, false, false, *bond};
        const auto ending = member<std::uint64_t>(*host, "unbondEndMs");
        standing.is_unbonding = ending && *ending != 0;
        for (const auto& known : host->value("keys", json::array())) {
            const auto address = member<Address>(known, "key");
            const auto retired = member<std::uint64_t>(known, "retiredMs");
            if (address && *address == key) standing.key_is_active = retired && *retired == 0;
        }
        return standing;
    }
    Result<Amount> balance(const Address& account) const override
    {
        const auto known = get("/v1/accounts/" + to_checksum(account));
        if (!known) return known.error();
        return member<Amount>(*known, "balance");
    }
    Result<Voting> voting(const std::optional<ConsensusKey>&) const override
    {
        const auto said = get("/v1/consensus");
        if (!said) return said.error();
        Voting voting;
        voting.is_validator = said->value("isValidator", false);
        voting.silenced = said->value("silenced", std::string{});
        voting.validators = said->value("validators", json::array()).size();
        return voting;
    }
    Result<std::size_t> peers() const override
    {
        const auto said = get("/v1/peers");
        if (!said) return said.error();
        return said->value("peers", json::array()).size();
    }

private:
    Result<json> get(const std::string& path) const
    {
        auto answer = get_json(url_, path, std::chrono::seconds{5});
        if (answer && !answer->is_object())
            return Error{ErrorKind::io, url_ + path + " is no document"};
        return answer;
    }
    std::string url_;
};

}  // namespace

std::string local_url(const HttpConfig& http)
{
    auto host = http.address;
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(http.port);
}

Result<std::unique_ptr<LedgerFacts>> find_facts(const Home& home, const Config& config)
{
    using Found = std::unique_ptr<LedgerFacts>;
    std::error_code ignored;
    if (!std::filesystem::exists(home.data() / "store", ignored)) return Found{};
    auto stored = open_store(home);
    if (!stored && stored.error().kind == ErrorKind::denied) {
        auto served = std::make_unique<ServedFacts>(local_url(config.http));
        if (const auto tip = served->tip(); !tip)
            return Error{ErrorKind::unavailable,
                         "a process holds the data folder (" + stored.error().detail + "), and " +
                             served->source() + " does not answer: " + tip.error().detail};
        return Found{std::move(served)};
    }
    if (!stored) return stored.error();
    auto state = (*stored)->store->snapshot();
    if (!state) return state.error();
    return Found{std::make_unique<StoredFacts>(std::move(*stored), std::move(*state))};
}

}  // namespace node
