package org.slapos.node.verbs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log of a verb: lines on standard error, and in a file when one is named.
final class Log {
    private Log() {}

    /// @param file gets everything that is logged at all, whatever the console shows
    static void configure(Level level, Optional<Path> file) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        context.reset();
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(
                "%date{yyyy-MM-dd HH:mm:ss} slapos[" + ProcessHandle.current().pid() + "] %-5level %message%n");
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(appender);
        file.ifPresent(path -> {
            appender.addFilter(threshold(level));
            root.setLevel(Level.DEBUG);
            root.addAppender(fileAppender(context, path));
        });
    }

    private static ThresholdFilter threshold(Level level) {
        var filter = new ThresholdFilter();
        filter.setLevel(level.toString());
        filter.start();
        return filter;
    }

    private static FileAppender<ILoggingEvent> fileAppender(LoggerContext context, Path path) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("[%date{yyyy-MM-dd HH:mm:ss}] %-5level %message%n");
        encoder.start();
        var appender = new FileAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setFile(path.toString());
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }
}
