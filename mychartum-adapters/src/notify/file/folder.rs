//! Messages as files.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::{CarrierId, Channel, ChannelSet, NotifyError, NotifyErrorKind, Outgoing};

use super::super::SetupError;
use super::super::words::{LinkBase, Rendered, Words};

/// Writes each message into a folder: `<id>.eml` for e-mail, `<id>.txt` for a text message. **For development.**
///
/// Files have mode 0600 and appear whole or not at all. A repetition replaces its own file. They hold links and codes in clear
/// text, and nothing removes them.
#[derive(Debug)]
pub struct FolderNotifier {
    folder: PathBuf,
    words: Words,
    links: LinkBase,
}

impl FolderNotifier {
    /// Writes into this folder, which is made with mode 0700 where it is missing.
    ///
    /// # Errors
    /// [`SetupError::Folder`].
    pub fn at(folder: impl Into<PathBuf>, words: Words, links: LinkBase) -> Result<Self, SetupError> {
        let folder = folder.into();
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|_| SetupError::Folder)?;
        Ok(Self { folder, words, links })
    }
}

#[async_trait]
impl Notifier for FolderNotifier {
    fn channels(&self) -> ChannelSet {
        ChannelSet::from(Channel::Email).with(Channel::Text)
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        let rendered = self.words.render(outgoing.text(), outgoing.channel(), &self.links)?;
        let kind = if outgoing.channel() == Channel::Email { "eml" } else { "txt" };
        let id = outgoing.id().to_string();
        let (folder, name) = (self.folder.clone(), format!("{id}.{kind}"));
        let content = content(outgoing, &rendered);
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &content)).await;
        match written {
            Ok(Ok(())) => Ok(CarrierId::parse(&id)),
            _ => Err(NotifyError::new(NotifyErrorKind::Passing, "write")),
        }
    }
}

/// The message with its headers, in UTF-8 (RFC 6532). Neither an address nor a subject can hold the end of a line.
fn content(outgoing: &Outgoing, rendered: &Rendered) -> String {
    let to = outgoing.address().map_or("", |address| address.as_str());
    match rendered.subject() {
        Some(subject) => format!(
            "Message-ID: <{}@localhost>\nTo: {to}\nSubject: {subject}\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{}",
            outgoing.id(),
            rendered.body()
        ),
        None => format!("To: {to}\n\n{}\n", rendered.body()),
    }
}

fn write(folder: &Path, name: &str, content: &str) -> std::io::Result<()> {
    let part = folder.join(format!(".{name}.part"));
    // What an ended process left behind would keep its own mode.
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::kernel::{Address, EmailAddress, LanguageTag};
    use mychartum_core::port::notifier::Notice;

    #[tokio::test]
    async fn a_message_is_a_file_of_its_own_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("mail");
        let links = LinkBase::parse("https://portal.example.org").unwrap();
        let notifier = FolderNotifier::at(&place, Words::shipped(), links).unwrap();
        let address = Address::Email(EmailAddress::parse("maria@example.org").unwrap());
        let language = LanguageTag::default();
        let sample = Outgoing::sample([7; 16], Channel::Email, Some(address), Notice::PasswordReset, language);
        // The second try replaces the first, also over what a killed process left.
        std::fs::write(place.join(".07070707070707070707070707070707.eml.part"), "half").unwrap();
        for _ in 0..2 {
            assert_eq!(notifier.deliver(&sample).await.unwrap().unwrap().as_str(), "07".repeat(16));
        }
        let names: Vec<_> = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["07070707070707070707070707070707.eml"]);
        let path = place.join(&names[0]);
        let content = std::fs::read_to_string(&path).unwrap();
        assert!(content.contains("\nTo: maria@example.org\n"));
        assert!(content.contains("https://portal.example.org/reset?t=sample-token"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
        }
        std::fs::remove_dir_all(&place).unwrap();
        assert_eq!(notifier.deliver(&sample).await.unwrap_err().kind(), NotifyErrorKind::Passing);
    }
}
