package org.slapos.master.mail;

/// A mail of plain text to one recipient. It may hold a one-time link: its text is never printed.
public record Message(String recipient, String subject, String text) {
    @Override
    public String toString() {
        return "Message[to " + recipient + ": " + subject + "]";
    }
}
