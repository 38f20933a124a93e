#include "wallet/cli/publication.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/rules/text.hpp"
#include "wallet/cli/agreements.hpp"
#include "wallet/cli/model_names.hpp"

#include <algorithm>
#include <iostream>

namespace wallet::cli {
namespace {

/// What is sent for one publication, with one key.
class Publisher {
public:
    Publisher(const Session& session, const Publication& publication, SameWeights same)
        : session_{session}, publication_{publication}, owner_{session.account()}
    {
        line_ = line_of(session, owner_.address, publication.name);
        ver_ = line_.next();
        const auto& content = publication.version.content_id;
        if (same == SameWeights::go_on)
            there_ = version_with(session, line_, content);
        else if (line_.newest && line_.newest->version.content_id == content)
            there_ = line_.newest;
        if (!there_) return;
        ver_ = there_->version.ver;
        const auto what = "version " + std::to_string(ver_.value) + " of " + publication.name +
                          " has exactly these weights already";
        if (same == SameWeights::refuse) fail(Fault::refused, what);
        session.note(what);
    }

    json publish()
    {
        key_ = session_.unlock(owner_);
        send_version();
        for (auto evaluation : publication_.evaluations) {
            evaluation.model = line_.model;
            evaluation.ver = ver_;
            if (!has(evaluation)) send(evaluation);
        }
        if (!publication_.alias.empty()) point_alias();
        if (card_hash() == json_hash(publication_.card))
            write_output(publication_.card_file, ledger::codec::canonical_json(publication_.card));
        else
            session_.note("the version has another card than these words make: none is written");
        auto document = about();
        if (!publication_.host.empty()) agree(document);
        document["transactions"] = std::move(steps_);
        return document;
    }

private:
    void send(const market::Message& message)
    {
        const auto sent = session_.send(message, owner_, *key_);
        session_.note(std::string{market::name_of(message)} + " in block " +
                      (sent.height ? std::to_string(sent.height->value) : "?"));
        auto step = to_json(sent);
        step["type"] = std::string{market::name_of(message)};
        steps_.push_back(std::move(step));
    }

    void send_version()
    {
        if (!line_.record) send(line_registration(publication_.name, publication_.description));
        if (there_) return;
        auto version = publication_.version;
        version.model = line_.model;
        version.ver = ver_;
        version.card_hash = json_hash(publication_.card);
        send(version);
    }

    /// What the ledger names for the version.
    ledger::Hash card_hash() const
    {
        return there_ ? there_->version.card_hash : json_hash(publication_.card);
    }

    bool has(market::ModelEval evaluation) const
    {
        if (!there_) return false;
        for (std::uint32_t at = 0; at < there_->evaluations; ++at) {
            const auto known = session_.record<market::EvaluationRecord>({line_.model, ver_, at});
            if (!known || known->evaluator != owner_.address) continue;
            evaluation.env_hash = known->evaluation.env_hash;  // measured again, elsewhere
            if (known->evaluation == evaluation) return true;
        }
        return false;
    }

    void point_alias()
    {
        const std::vector<market::AliasTarget> targets{{ver_, 1}};
        if (there_) {
            const auto alias = session_.record<market::Alias>({line_.model, publication_.alias});
            const bool is_newest = line_.newest && line_.newest->version.ver == ver_;
            if (!is_newest ||
                (alias && (alias->targets == targets || alias->since_ms > there_->registered_ms)))
                return;
        }
        send(market::ModelAlias{line_.model, publication_.alias, targets,
                                publication_.alias_reason});
    }

    json about() const
    {
        return {{"model", ledger::to_hex0x(line_.model.view())},
                {"name", publication_.name},
                {"owner", ledger::to_checksum(owner_.address)},
                {"ver", ver_.value},
                {"contentId", ledger::to_hex0x(publication_.version.content_id.view())},
                {"cardHash", ledger::to_hex0x(card_hash().view())},
                {"cardFile", publication_.card_file},
                {"agreementFile", nullptr}};
    }

    void agree(json& document)
    {
        const auto host = session_.address_of(publication_.host);
        const auto model = line_.model;
        document["payTo"] = ledger::to_checksum(market::split_address(model, ver_, host));
        document["payToLine"] =
            ledger::to_checksum(market::split_address(model, market::model_line, host));
        const auto serial = next_serial(session_, model, ver_, host);
        if (there_ && serial != 0) return;
        const market::HostingAgreement terms{model, ver_, host, {publication_.host_ppm}, 0, serial};
        const auto network = session_.network();
        if (host == owner_.address) {
            send(market::ModelHost{terms, {}});
        } else if (session_.has_key(host)) {
            const auto other =
                session_.unlock(must(session_.keys().find(ledger::to_checksum(host))));
            send(market::ModelHost{terms, sign_agreement(*network, terms, other)});
        } else {
            const auto& path = publication_.agreement_file;
            write_output(path, agreement_json(*network, terms, *key_).dump(2) + "\n");
            document["agreementFile"] = path;
            session_.note("the host's key is not here: send it " + path +
                          ", to be accepted with: millrace model agree accept FILE");
        }
    }

    const Session& session_;
    const Publication& publication_;
    KeyEntry owner_;
    ModelLine line_;
    market::Version ver_;
    std::optional<market::VersionRecord> there_;
    std::optional<ledger::SecretKey> key_;
    json steps_ = json::array();
};

}  // namespace

ModelLine line_of(const Session& session, const ledger::Address& owner, const std::string& name)
{
    if (!market::valid_name(name)) fail(Fault::usage, "a model's name is 1 to 64 of a-z 0-9 . _ -");
    ModelLine line;
    line.model = market::model_id(owner, name);
    line.record = session.record<market::Model>(line.model);
    if (line.record && line.record->versions != 0)
        line.newest = session.record<market::VersionRecord>({line.model, {line.record->versions}});
    return line;
}

std::optional<market::VersionRecord> version_with(const Session& session, const ModelLine& line,
                                                  const market::ContentId& content)
{
    if (!line.record) return {};
    for (auto ver = line.record->versions; ver != 0; --ver) {
        auto record = session.record<market::VersionRecord>({line.model, {ver}});
        if (record && record->version.content_id == content) return record;
    }
    return {};
}

market::PriceSheet price_of(const Session& session, const market::VersionRecord& version)
{
    if (version.prices != 0) {
        const auto& said = version.version;
        const auto last =
            session.record<market::PriceRecord>({said.model, said.ver, version.prices - 1});
        if (last) return last->sheet;
    }
    return version.version.price_sheet;
}

json publish(const Session& session, const Publication& publication, SameWeights same)
{
    return Publisher{session, publication, same}.publish();
}

market::ModelRegister line_registration(const std::string& name, const std::string& description)
{
    return {name, json_hash({{"format", "millrace/model-line/v1"},
                             {"name", name},
                             {"description", description}})};
}

void print_published(const json& document)
{
    std::cout << "published  " << document.value("name", "") << " version "
              << document.value("ver", 0U) << "\nmodel      " << document.value("model", "")
              << "\ncontent    " << document.value("contentId", "") << "\ncard       "
              << document.value("cardFile", "") << "\n";
}

}  // namespace wallet::cli
